// The TLS half of Boost.Asio's own sources, compiled here and nowhere else.
#include <boost/asio/ssl/impl/src.hpp>

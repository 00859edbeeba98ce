// Boost.Asio's own sources, compiled here and nowhere else.
#include <boost/asio/impl/src.hpp>

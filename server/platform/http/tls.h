#pragma once

#include "shared/base/result.h"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace voelgoed::http {

/// What a listener needs for TLS 1.3 (and nothing older) with this certificate chain and key. Invalid when they do not
/// belong together or are none.
base::Result<std::shared_ptr<boost::asio::ssl::context>> makeTls(const std::string &certificatePem,
                                                                 const std::string &keyPem);

} // namespace voelgoed::http

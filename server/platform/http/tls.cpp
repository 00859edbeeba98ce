#include "server/platform/http/tls.h"

#include "server/platform/http/certificate.h"

#include <boost/asio/buffer.hpp>
#include <openssl/ssl.h>

#include <string_view>

namespace voelgoed::http {

namespace ssl = boost::asio::ssl;

namespace {

/// Clients that offer protocols by name (RFC 7301) get the only one that is spoken here, if it is among them.
int chooseProtocol(SSL *, const unsigned char **chosen, unsigned char *chosenSize, const unsigned char *offered,
                   unsigned int offeredSize, void *)
{
    static constexpr std::string_view kSpoken = "http/1.1";
    std::string_view list(reinterpret_cast<const char *>(offered), offeredSize);
    while (!list.empty()) {
        const std::size_t size = static_cast<unsigned char>(list.front());
        const std::string_view name = list.substr(1, size);
        if (name == kSpoken) {
            *chosen = reinterpret_cast<const unsigned char *>(name.data());
            *chosenSize = static_cast<unsigned char>(size);
            return SSL_TLSEXT_ERR_OK;
        }
        list.remove_prefix(std::min(list.size(), size + 1));
    }
    return SSL_TLSEXT_ERR_NOACK;
}

} // namespace

base::Result<std::shared_ptr<ssl::context>> makeTls(const std::string &certificatePem, const std::string &keyPem)
{
    if (auto checked = checkIdentity({certificatePem, keyPem}); !checked)
        return checked.error();
    const auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    boost::system::error_code failure;
    context->use_certificate_chain(boost::asio::buffer(certificatePem), failure);
    if (!failure)
        context->use_private_key(boost::asio::buffer(keyPem), ssl::context::pem, failure);
    if (failure)
        return base::invalid("TLS certificate: " + failure.message());
    SSL_CTX *raw = context->native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
    // Thousands of idle connections need no buffers, and no clear text is kept for longer than it is needed.
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(raw, chooseProtocol, nullptr);
    return context;
}

} // namespace voelgoed::http

#pragma once

#include "shared/base/crypto/ed25519.h"
#include "shared/base/instant.h"

#include <string>
#include <vector>

namespace voelgoed::http {

/// Who a server is on the wire.
struct Identity
{
    std::string certificatePem; ///< its own certificate first, then those that lead to a root
    std::string keyPem;
};

struct CertificateRequest
{
    std::string commonName = "voelgoed";
    std::vector<std::string> names; ///< DNS names and addresses it is reached by
    base::Instant from;
    base::Instant until;
    std::string serial = "01"; ///< hexadecimal digits, at most 40
};

/// A certificate that the key signs itself (Ed25519, RFC 8410), for clients that know the key (publicKeyPin()). Equal
/// requests give equal certificates. Invalid when a name or a time cannot be written in one.
base::Result<Identity> selfSigned(const base::SigningKey &key, const CertificateRequest &request);

/// Invalid when the certificate or the key cannot be read, or they do not belong together.
base::Result<void> checkIdentity(const Identity &identity);

/// As curl's CURLOPT_PINNEDPUBLICKEY takes it: "sha256//" and the Base64 of the SHA-256 of the key's
/// SubjectPublicKeyInfo.
std::string publicKeyPin(const base::PublicKey &key);

/// The same for the certificate's key, of whatever kind.
base::Result<std::string> certificatePin(const std::string &certificatePem);

} // namespace voelgoed::http

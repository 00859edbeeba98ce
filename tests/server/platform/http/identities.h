#pragma once

#include "server/platform/http/certificate.h"
#include "shared/base/crypto/system_random.h"

namespace voelgoed::http {

/// A key, and a certificate that it signed itself for this machine.
struct TestIdentity
{
    base::SigningKey key;
    Identity identity;

    static TestIdentity make()
    {
        base::SystemRandom random;
        base::SigningKey key = base::SigningKey::generate(random);
        CertificateRequest request;
        request.names = {"localhost", "127.0.0.1"};
        request.from = base::instantFromMillis(1'600'000'000'000);
        request.until = base::instantFromMillis(4'000'000'000'000);
        auto made = selfSigned(key, request);
        base::ensure(bool(made), "no certificate");
        return {key, *std::move(made)};
    }
};

} // namespace voelgoed::http

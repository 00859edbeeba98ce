#pragma once

#include "shared/base/bytes.h"
#include "shared/base/random.h"

#include <array>
#include <memory>
#include <string>

namespace voelgoed::base {

using PublicKey = std::array<std::byte, 32>;
using Signature = std::array<std::byte, 64>;

/// An Ed25519 public key (RFC 8032) prepared for many verifications. Copies share the prepared key; may be used from
/// several threads.
class VerifyingKey
{
public:
    /// Invalid when the bytes are no point of the curve that a signer could have, small-order points included.
    static Result<VerifyingKey> fromRaw(ByteView raw);

    const PublicKey &raw() const { return m_raw; }

    /// Strict: S below the group order, no small-order R, as RFC 8032, section 5.1.7, with the checks that keep one
    /// signature from having two spellings.
    bool verify(ByteView message, ByteView signature) const;

private:
    PublicKey m_raw{};
    std::shared_ptr<void> m_key;
};

/// An Ed25519 private key. Its memory is wiped when it goes.
class SigningKey
{
public:
    static SigningKey generate(Random &random);
    /// 32 bytes of seed.
    static Result<SigningKey> fromSeed(ByteView seed);

    const PublicKey &publicKey() const { return m_public; }
    Bytes seed() const;
    Signature sign(ByteView message) const;

private:
    PublicKey m_public{};
    std::shared_ptr<void> m_key;
};

/// What people compare: the first 16 bytes of the SHA-256 of the key, in groups of four hexadecimal digits.
std::string fingerprint(const PublicKey &key);

} // namespace voelgoed::base

#pragma once

#include "shared/base/bytes.h"
#include "shared/base/crypto/digest.h"
#include "shared/base/random.h"

#include <array>
#include <cstdint>

namespace voelgoed::base {

using ExchangeKey = std::array<std::byte, 32>; ///< X25519 public key (RFC 7748)

/// A key pair for receiving sealed texts. The server holds one; devices hold only its public half.
struct ExchangePair
{
    std::array<std::byte, 32> secret{};
    ExchangeKey open{};

    static ExchangePair generate(Random &random);
    static Result<ExchangePair> fromSecret(ByteView secret);
};

/// Seals one text after another to a receiver, so that whoever takes the sealer's memory or disk later cannot read what
/// was sealed before: the pair used for the agreement is forgotten at once, and the key moves on with each text
/// (key' = HMAC-SHA256(key, "next")). One agreement at the start, about a microsecond a text after it.
///
/// Format: ephemeral() goes with the first text; text n is AES-256-GCM under key n, with n as nonce, the context as
/// associated data, and the 16-byte tag behind the ciphertext.
class Sealer
{
public:
    static Result<Sealer> to(const ExchangeKey &receiver, Random &random);

    const ExchangeKey &ephemeral() const { return m_ephemeral; }
    std::uint64_t nextNumber() const { return m_number; }

    /// Seals as text nextNumber(), and moves on.
    Bytes seal(ByteView text, ByteView context);

private:
    ExchangeKey m_ephemeral{};
    Digest m_key{};
    std::uint64_t m_number = 0;
};

/// The receiver's side. Texts are opened in ascending order of number; gaps are allowed.
class Opener
{
public:
    static Result<Opener> from(const ExchangePair &receiver, const ExchangeKey &ephemeral);

    /// Unauthorized when it was sealed for somebody else, with another context, or changed on the way. Invalid when
    /// `number` lies before one that was opened already.
    Result<Bytes> open(std::uint64_t number, ByteView sealed, ByteView context);

private:
    Digest m_key{};
    std::uint64_t m_number = 0;
};

/// AES-256-GCM with a key of one's own and a random 12-byte nonce in front: nonce, ciphertext, tag.
Bytes encryptField(const Digest &key, ByteView text, ByteView context, Random &random);
Result<Bytes> decryptField(const Digest &key, ByteView sealed, ByteView context);

} // namespace voelgoed::base

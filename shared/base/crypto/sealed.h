#pragma once

#include "shared/base/bytes.h"
#include "shared/base/crypto/digest.h"
#include "shared/base/random.h"

#include <array>
#include <cstdint>

namespace voelgoed::base {

using ExchangeKey = std::array<std::byte, 32>; ///< X25519 public key (RFC 7748)

/// The longest text, and the longest context, that is sealed here.
inline constexpr std::size_t kSealedTextMax = 16 << 20;

/// A key pair for receiving sealed texts. The server holds one; devices hold only its public half.
struct ExchangePair
{
    std::array<std::byte, 32> secret{};
    ExchangeKey open{};

    ExchangePair() = default;
    ExchangePair(const ExchangePair &) = default;
    ExchangePair &operator=(const ExchangePair &) = default;
    ~ExchangePair(); ///< wipes the secret

    static ExchangePair generate(Random &random);
    static Result<ExchangePair> fromSecret(ByteView secret);
};

/// Seals one text after another to a receiver, so that whoever takes the sealer's memory or disk later cannot read what
/// was sealed before: the pair used for the agreement is forgotten at once, and the key moves on with each text
/// (key' = HMAC-SHA256(key, "next")). One agreement at the start, about a microsecond a text after it.
///
/// Format: ephemeral() goes with the first text; key 0 is HKDF-SHA256 (RFC 5869) of the X25519 agreement, with salt
/// "voelgoed seal 1" and both public keys, ephemeral first, as info; text n is AES-256-GCM under key n, with n (96
/// bits, big endian) as nonce, the context as associated data, and the 16-byte tag behind the ciphertext.
///
/// Cannot be copied: two copies would seal two texts under one key. Its key is wiped as it moves on and when it goes.
class Sealer
{
public:
    /// Invalid when the receiver's key is a point of small order.
    static Result<Sealer> to(const ExchangeKey &receiver, Random &random);

    Sealer(Sealer &&other) noexcept;
    Sealer &operator=(Sealer &&other) noexcept;
    ~Sealer();

    const ExchangeKey &ephemeral() const { return m_ephemeral; }
    std::uint64_t nextNumber() const { return m_number; }

    /// Seals as text nextNumber(), and moves on. Text and context are at most kSealedTextMax long.
    Bytes seal(ByteView text, ByteView context);

private:
    static constexpr std::uint64_t kSpent = UINT64_MAX;

    Sealer() = default;

    ExchangeKey m_ephemeral{};
    Digest m_key{};
    std::uint64_t m_number = 0;
};

/// The receiver's side. Texts are opened in ascending order of number; gaps are allowed.
class Opener
{
public:
    /// How many texts one call may pass over: a few seconds of work.
    static constexpr std::uint64_t kSkipMax = 10'000'000;

    /// Invalid when the ephemeral key is a point of small order.
    static Result<Opener> from(const ExchangePair &receiver, const ExchangeKey &ephemeral);

    Opener(const Opener &) = default;
    Opener &operator=(const Opener &) = default;
    ~Opener(); ///< wipes the key

    /// Unauthorized when it was sealed for somebody else, with another context, or changed on the way. Invalid when
    /// `number` lies before one that was opened already, or more than kSkipMax after the next one. A failed call
    /// changes nothing.
    Result<Bytes> open(std::uint64_t number, ByteView sealed, ByteView context);

private:
    Opener() = default;

    Digest m_key{};
    std::uint64_t m_number = 0;
};

/// AES-256-GCM with a key of one's own and a random 12-byte nonce in front: nonce, ciphertext, tag. Text
/// and context are at most kSealedTextMax long.
Bytes encryptField(const Digest &key, ByteView text, ByteView context, Random &random);
/// Unauthorized when it was made with another key or context, or changed since.
Result<Bytes> decryptField(const Digest &key, ByteView sealed, ByteView context);

} // namespace voelgoed::base

#include "shared/base/crypto/sealed.h"

#include "shared/base/ensure.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace voelgoed::base {

namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

struct Free
{
    void operator()(EVP_CIPHER *cipher) const { EVP_CIPHER_free(cipher); }
    void operator()(EVP_CIPHER_CTX *context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX *context) const { EVP_PKEY_CTX_free(context); }
};

using Nonce = std::array<std::byte, kNonce>;

const unsigned char *octets(ByteView bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

unsigned char *room(std::span<std::byte> bytes)
{
    return reinterpret_cast<unsigned char *>(bytes.data());
}

const EVP_CIPHER *aes256Gcm()
{
    static const std::unique_ptr<EVP_CIPHER, Free> cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    ensure(cipher != nullptr, "OpenSSL lacks AES-256-GCM");
    return cipher.get();
}

Nonce nonceOf(std::uint64_t number)
{
    Nonce nonce{};
    for (std::size_t i = 0; i < sizeof number; ++i)
        nonce[kNonce - 1 - i] = static_cast<std::byte>(number >> (8 * i));
    return nonce;
}

/// Appends ciphertext and tag to `out`.
void encrypt(const Digest &key, const Nonce &nonce, ByteView text, ByteView context, Bytes &out)
{
    ensure(text.size() <= kSealedTextMax && context.size() <= kSealedTextMax, "too long a text to seal");
    const std::unique_ptr<EVP_CIPHER_CTX, Free> cipher(EVP_CIPHER_CTX_new());
    const std::size_t start = out.size();
    out.resize(start + text.size() + kTag);
    const auto sealed = std::span(out).subspan(start);
    int size = 0;
    const bool done =
        cipher && EVP_EncryptInit_ex2(cipher.get(), aes256Gcm(), octets(key), octets(nonce), nullptr) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &size, octets(context), static_cast<int>(context.size())) == 1 &&
        EVP_EncryptUpdate(cipher.get(), room(sealed), &size, octets(text), static_cast<int>(text.size())) == 1 &&
        EVP_EncryptFinal_ex(cipher.get(), room(sealed.subspan(text.size())), &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTag, room(sealed.last(kTag))) == 1;
    ensure(done, "AES-256-GCM: seal");
}

Result<Bytes> decrypt(const Digest &key, const Nonce &nonce, ByteView sealed, ByteView context)
{
    const Error refused{ErrorCode::Unauthorized, "a sealed text that is not for this key, or was changed", {}};
    if (sealed.size() < kTag || sealed.size() > kSealedTextMax + kTag || context.size() > kSealedTextMax)
        return refused;
    const ByteView text = sealed.first(sealed.size() - kTag);
    std::array<std::byte, kTag> tag;
    std::copy_n(sealed.last(kTag).begin(), kTag, tag.begin());
    const std::unique_ptr<EVP_CIPHER_CTX, Free> cipher(EVP_CIPHER_CTX_new());
    Bytes out(text.size() + kTag); // never empty, so that its data is never null
    int size = 0;
    const bool begun =
        cipher && EVP_DecryptInit_ex2(cipher.get(), aes256Gcm(), octets(key), octets(nonce), nullptr) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &size, octets(context), static_cast<int>(context.size())) == 1 &&
        EVP_DecryptUpdate(cipher.get(), room(out), &size, octets(text), static_cast<int>(text.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) == 1;
    ensure(begun, "AES-256-GCM: open");
    if (EVP_DecryptFinal_ex(cipher.get(), room(std::span(out).subspan(text.size())), &size) != 1) {
        OPENSSL_cleanse(out.data(), out.size());
        return refused;
    }
    out.resize(text.size());
    return out;
}

std::unique_ptr<EVP_PKEY, Free> privateKey(ByteView secret)
{
    std::unique_ptr<EVP_PKEY, Free> key(
        EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, octets(secret), secret.size()));
    ensure(key != nullptr, "OpenSSL refuses an X25519 key of the right size");
    return key;
}

/// RFC 7748, section 6.1. Invalid when the result is all zero: the other key was a point of small order.
Result<Digest> agree(ByteView secret, const ExchangeKey &other)
{
    const auto mine = privateKey(secret);
    const std::unique_ptr<EVP_PKEY, Free> theirs(
        EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, octets(other), other.size()));
    const std::unique_ptr<EVP_PKEY_CTX, Free> context(EVP_PKEY_CTX_new_from_pkey(nullptr, mine.get(), nullptr));
    ensure(theirs && context && EVP_PKEY_derive_init(context.get()) == 1, "X25519: begin");
    Digest shared{};
    std::size_t size = shared.size();
    const bool derived = EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 &&
                         EVP_PKEY_derive(context.get(), room(shared), &size) == 1;
    constexpr Digest kNothing{};
    if (!derived || CRYPTO_memcmp(shared.data(), kNothing.data(), shared.size()) == 0)
        return invalid("X25519: a public key of small order");
    return shared;
}

/// HKDF-SHA256 (RFC 5869), one block: both public keys are bound in, so that a key belongs to one exchange.
Digest firstKey(Digest &shared, const ExchangeKey &ephemeral, const ExchangeKey &receiver)
{
    Digest extracted = hmacSha256(bytesOf("voelgoed seal 1"), {shared});
    constexpr std::array kBlockNumber = {std::byte{1}};
    const Digest key = hmacSha256(extracted, {ephemeral, receiver, kBlockNumber});
    OPENSSL_cleanse(shared.data(), shared.size());
    OPENSSL_cleanse(extracted.data(), extracted.size());
    return key;
}

void moveOn(Digest &key)
{
    Digest next = hmacSha256(key, {bytesOf("next")});
    key = next;
    OPENSSL_cleanse(next.data(), next.size());
}

} // namespace

ExchangePair::~ExchangePair()
{
    OPENSSL_cleanse(secret.data(), secret.size());
}

ExchangePair ExchangePair::generate(Random &random)
{
    std::array<std::byte, 32> secret;
    random.fill(secret);
    auto pair = fromSecret(secret);
    OPENSSL_cleanse(secret.data(), secret.size());
    return *pair;
}

Result<ExchangePair> ExchangePair::fromSecret(ByteView secret)
{
    ExchangePair pair;
    if (secret.size() != pair.secret.size())
        return invalid("X25519 private key: " + std::to_string(secret.size()) + " bytes instead of 32");
    std::copy(secret.begin(), secret.end(), pair.secret.begin());
    std::size_t size = pair.open.size();
    const int got = EVP_PKEY_get_raw_public_key(privateKey(secret).get(), room(pair.open), &size);
    ensure(got == 1 && size == pair.open.size(), "X25519: the public half of a private key");
    return pair;
}

Result<Sealer> Sealer::to(const ExchangeKey &receiver, Random &random)
{
    const ExchangePair ephemeral = ExchangePair::generate(random);
    Result<Digest> shared = agree(ephemeral.secret, receiver);
    if (!shared)
        return shared.error();
    Sealer sealer;
    sealer.m_ephemeral = ephemeral.open;
    sealer.m_key = firstKey(*shared, ephemeral.open, receiver);
    return sealer;
}

Sealer::Sealer(Sealer &&other) noexcept
    : m_ephemeral(other.m_ephemeral), m_key(other.m_key), m_number(std::exchange(other.m_number, kSpent))
{
    OPENSSL_cleanse(other.m_key.data(), other.m_key.size());
}

Sealer &Sealer::operator=(Sealer &&other) noexcept
{
    if (this == &other)
        return *this;
    m_ephemeral = other.m_ephemeral;
    m_key = other.m_key;
    m_number = std::exchange(other.m_number, kSpent);
    OPENSSL_cleanse(other.m_key.data(), other.m_key.size());
    return *this;
}

Sealer::~Sealer()
{
    OPENSSL_cleanse(m_key.data(), m_key.size());
}

Bytes Sealer::seal(ByteView text, ByteView context)
{
    ensure(m_number != kSpent, "sealing with a sealer that was moved away");
    Bytes sealed;
    encrypt(m_key, nonceOf(m_number), text, context, sealed);
    moveOn(m_key);
    ++m_number;
    return sealed;
}

Result<Opener> Opener::from(const ExchangePair &receiver, const ExchangeKey &ephemeral)
{
    Result<Digest> shared = agree(receiver.secret, ephemeral);
    if (!shared)
        return shared.error();
    Opener opener;
    opener.m_key = firstKey(*shared, ephemeral, receiver.open);
    return opener;
}

Opener::~Opener()
{
    OPENSSL_cleanse(m_key.data(), m_key.size());
}

Result<Bytes> Opener::open(std::uint64_t number, ByteView sealed, ByteView context)
{
    if (number < m_number)
        return invalid("sealed text " + std::to_string(number) + " lies before one that was opened already");
    if (number - m_number > kSkipMax)
        return invalid("sealed text " + std::to_string(number) + " is too far ahead of " + std::to_string(m_number));
    Digest key = m_key;
    for (std::uint64_t step = m_number; step < number; ++step)
        moveOn(key);
    Result<Bytes> text = decrypt(key, nonceOf(number), sealed, context);
    if (text) {
        moveOn(key);
        m_key = key;
        m_number = number + 1;
    }
    OPENSSL_cleanse(key.data(), key.size());
    return text;
}

Bytes encryptField(const Digest &key, ByteView text, ByteView context, Random &random)
{
    Nonce nonce;
    random.fill(nonce);
    Bytes sealed(nonce.begin(), nonce.end());
    encrypt(key, nonce, text, context, sealed);
    return sealed;
}

Result<Bytes> decryptField(const Digest &key, ByteView sealed, ByteView context)
{
    Nonce nonce{};
    if (sealed.size() < nonce.size())
        return Error{ErrorCode::Unauthorized, "a sealed field that is too short", {}};
    std::copy_n(sealed.begin(), nonce.size(), nonce.begin());
    return decrypt(key, nonce, sealed.subspan(nonce.size()), context);
}

} // namespace voelgoed::base

#include "shared/base/crypto/ed25519.h"

#include "shared/base/crypto/digest.h"
#include "shared/base/ensure.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

namespace voelgoed::base {

namespace {

using Point = std::array<unsigned char, 32>;

/// y coordinates, little endian, of the eight points whose order divides 8, and the two spellings of 0 and 1 that are
/// not reduced modulo 2^255 - 19. The highest bit is the sign of x, and either sign is refused.
constexpr std::array<Point, 7> kSmallOrder = {{
    {},
    {1},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
}};

const unsigned char *octets(ByteView bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

Point withoutSign(ByteView encoded)
{
    Point y;
    std::copy_n(octets(encoded), y.size(), y.begin());
    y[31] &= 0x7f;
    return y;
}

bool isSmallOrder(ByteView encoded)
{
    return std::find(kSmallOrder.begin(), kSmallOrder.end(), withoutSign(encoded)) != kSmallOrder.end();
}

struct FreeNumber
{
    void operator()(BIGNUM *number) const { BN_free(number); }
    void operator()(BN_CTX *context) const { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

Number fromHexadecimal(const char *digits)
{
    BIGNUM *number = nullptr;
    ensure(BN_hex2bn(&number, digits) > 0, "a constant of the curve");
    return Number(number);
}

/// RFC 8032, section 5.1.3: y is reduced, and x^2 = (y^2 - 1) / (d y^2 + 1) has a root. A fraction is a square where
/// the product of its sides is one. OpenSSL takes any 32 bytes as a key and then verifies nothing with it.
bool isOnCurve(ByteView encoded)
{
    const Number p = fromHexadecimal("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
    const Number d = fromHexadecimal("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3");
    const std::unique_ptr<BN_CTX, FreeNumber> context(BN_CTX_new());
    const Point bytes = withoutSign(encoded);
    const Number y(BN_lebin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    const Number square(BN_new());
    const Number above(BN_new());
    const Number below(BN_new());
    ensure(context && y && square && above && below, "out of memory");
    if (BN_cmp(y.get(), p.get()) >= 0)
        return false;
    const bool computed = BN_mod_sqr(square.get(), y.get(), p.get(), context.get()) == 1 &&
                          BN_mod_sub(above.get(), square.get(), BN_value_one(), p.get(), context.get()) == 1 &&
                          BN_mod_mul(below.get(), d.get(), square.get(), p.get(), context.get()) == 1 &&
                          BN_mod_add(below.get(), below.get(), BN_value_one(), p.get(), context.get()) == 1 &&
                          BN_mod_mul(above.get(), above.get(), below.get(), p.get(), context.get()) == 1;
    ensure(computed, "arithmetic of the curve");
    return BN_kronecker(above.get(), p.get(), context.get()) == 1;
}

struct FreeContext
{
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

std::shared_ptr<void> owned(EVP_PKEY *key)
{
    ensure(key != nullptr, "OpenSSL refuses an Ed25519 key of the right size");
    return {key, [](void *held) { EVP_PKEY_free(static_cast<EVP_PKEY *>(held)); }};
}

} // namespace

Result<VerifyingKey> VerifyingKey::fromRaw(ByteView bytes)
{
    VerifyingKey key;
    if (bytes.size() != key.m_raw.size())
        return invalid("Ed25519 public key: " + std::to_string(bytes.size()) + " bytes instead of 32");
    if (isSmallOrder(bytes))
        return invalid("Ed25519 public key: a point of small order");
    if (!isOnCurve(bytes))
        return invalid("Ed25519 public key: not a point of the curve");
    std::copy(bytes.begin(), bytes.end(), key.m_raw.begin());
    key.m_key = owned(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, octets(bytes), bytes.size()));
    return key;
}

bool VerifyingKey::verify(ByteView message, ByteView signature) const
{
    if (!m_key || signature.size() != sizeof(Signature) || isSmallOrder(signature.first(32)))
        return false;
    const Context context(EVP_MD_CTX_new());
    auto *key = static_cast<EVP_PKEY *>(m_key.get());
    ensure(context && EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) == 1,
           "Ed25519: begin to verify");
    // OpenSSL refuses S at or above the group order, and an R that is not spelt as it would spell it.
    return EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
}

SigningKey SigningKey::generate(Random &random)
{
    std::array<std::byte, 32> seed;
    random.fill(seed);
    Result<SigningKey> key = fromSeed(seed);
    OPENSSL_cleanse(seed.data(), seed.size());
    return *std::move(key);
}

Result<SigningKey> SigningKey::fromSeed(ByteView seed)
{
    SigningKey key;
    if (seed.size() != 32)
        return invalid("Ed25519 private key: " + std::to_string(seed.size()) + " bytes instead of 32");
    EVP_PKEY *made = EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, octets(seed), seed.size());
    key.m_key = owned(made);
    std::size_t size = key.m_public.size();
    const int got = EVP_PKEY_get_raw_public_key(made, reinterpret_cast<unsigned char *>(key.m_public.data()), &size);
    ensure(got == 1 && size == key.m_public.size(), "Ed25519: the public half of a private key");
    return key;
}

Bytes SigningKey::seed() const
{
    Bytes seed(32);
    std::size_t size = seed.size();
    const int got = EVP_PKEY_get_raw_private_key(static_cast<EVP_PKEY *>(m_key.get()),
                                                 reinterpret_cast<unsigned char *>(seed.data()), &size);
    ensure(got == 1 && size == seed.size(), "Ed25519: the seed of a private key");
    return seed;
}

Signature SigningKey::sign(ByteView message) const
{
    const Context context(EVP_MD_CTX_new());
    auto *key = static_cast<EVP_PKEY *>(m_key.get());
    ensure(context && EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) == 1,
           "Ed25519: begin to sign");
    Signature signature;
    std::size_t size = signature.size();
    const int done = EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(signature.data()), &size,
                                    octets(message), message.size());
    ensure(done == 1 && size == signature.size(), "Ed25519: sign");
    return signature;
}

std::string fingerprint(const PublicKey &key)
{
    const Digest digest = sha256(key);
    const std::string digits = toHex(ByteView(digest).first(16));
    std::string text;
    for (std::size_t i = 0; i < digits.size(); i += 4) {
        if (i > 0)
            text.push_back(' ');
        text.append(digits, i, 4);
    }
    return text;
}

} // namespace voelgoed::base

#include "shared/base/crypto/digest.h"

#include "shared/base/ensure.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <span>

namespace voelgoed::base {

namespace {

struct FreeDigest
{
    void operator()(EVP_MD *digest) const { EVP_MD_free(digest); }
};

struct FreeContext
{
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};

/// One algorithm, looked up once, and a context that is used again and again. A thread keeps one of each kind.
class Hasher
{
public:
    explicit Hasher(const char *name) : m_digest(EVP_MD_fetch(nullptr, name, nullptr)), m_context(EVP_MD_CTX_new())
    {
        ensure(m_digest && m_context, "OpenSSL lacks a digest that it must have");
    }

    void begin() { ensure(EVP_DigestInit_ex2(m_context.get(), m_digest.get(), nullptr) == 1, "digest: begin"); }
    void add(ByteView part) { ensure(EVP_DigestUpdate(m_context.get(), part.data(), part.size()) == 1, "digest: add"); }
    void end(std::span<std::byte> out)
    {
        unsigned size = 0;
        const int done = EVP_DigestFinal_ex(m_context.get(), reinterpret_cast<unsigned char *>(out.data()), &size);
        ensure(done == 1 && size == out.size(), "digest: end");
    }

private:
    std::unique_ptr<EVP_MD, FreeDigest> m_digest;
    std::unique_ptr<EVP_MD_CTX, FreeContext> m_context;
};

Hasher &sha256Hasher()
{
    thread_local Hasher hasher("SHA256");
    return hasher;
}

Hasher &sha1Hasher()
{
    thread_local Hasher hasher("SHA1");
    return hasher;
}

constexpr std::size_t kBlock = 64; // of SHA-1 and of SHA-256

/// RFC 2104, section 2. Built on the digests because OpenSSL 3.0's own HMAC copies the key to the heap at each call and
/// leaves it in its context; here the pads are wiped and the digest's buffer is overwritten by the outer pass.
template <std::size_t Size>
std::array<std::byte, Size> hmac(Hasher &hasher, ByteView key, std::initializer_list<ByteView> parts)
{
    std::array<std::byte, kBlock> pad{};
    if (key.size() > kBlock) {
        hasher.begin();
        hasher.add(key);
        hasher.end(std::span(pad).first(Size));
    } else {
        std::copy(key.begin(), key.end(), pad.begin());
    }
    for (std::byte &byte : pad)
        byte ^= std::byte{0x36};
    std::array<std::byte, Size> inner;
    hasher.begin();
    hasher.add(pad);
    for (const ByteView part : parts)
        hasher.add(part);
    hasher.end(inner);

    for (std::byte &byte : pad)
        byte ^= std::byte{0x36 ^ 0x5c};
    std::array<std::byte, Size> outer;
    hasher.begin();
    hasher.add(pad);
    hasher.add(inner);
    hasher.end(outer);
    OPENSSL_cleanse(pad.data(), pad.size());
    OPENSSL_cleanse(inner.data(), inner.size());
    return outer;
}

} // namespace

Digest sha256(std::initializer_list<ByteView> parts)
{
    Hasher &hasher = sha256Hasher();
    hasher.begin();
    for (const ByteView part : parts)
        hasher.add(part);
    Digest digest;
    hasher.end(digest);
    return digest;
}

Digest hmacSha256(ByteView key, std::initializer_list<ByteView> parts)
{
    return hmac<32>(sha256Hasher(), key, parts);
}

std::array<std::byte, 20> hmacSha1(ByteView key, ByteView message)
{
    return hmac<20>(sha1Hasher(), key, {message});
}

} // namespace voelgoed::base

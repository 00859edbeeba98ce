#include "server/platform/redis/sha1.h"

#include "shared/base/bytes.h"

#include <openssl/evp.h>

#include <array>

namespace voelgoed::redis {

std::string sha1Hex(std::string_view text)
{
    std::array<std::byte, 20> digest{};
    unsigned size = 0;
    const int done = EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char *>(digest.data()), &size,
                                EVP_sha1(), nullptr);
    base::ensure(done == 1 && size == digest.size(), "SHA-1");
    return base::toHex(digest);
}

} // namespace voelgoed::redis

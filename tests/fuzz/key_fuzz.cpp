// A file with a signer's key, and a key as pretix hands it out: 32 bytes, or refused.
#include "device/gate/key_text.h"
#include "shared/ticket/pretix_sig1.h"
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView bytes)
{
    const int file = ::memfd_create("key", MFD_CLOEXEC);
    ensure(file >= 0 && ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
           "a file in memory");
    const auto key = gate::readTrustKey("/proc/self/fd/" + std::to_string(file));
    ::close(file);
    if (key) {
        ensure(key->size() == 32, "a key of another size");
        const auto again = gate::readTrustKey("ed25519:" + base::toHex(*key));
        ensure(again && *again == *key, "a key reads as another one");
    }
    (void)ticket::pretixKey(base::textOf(bytes));
    if (ticket::pretixKey(base::toBase64(bytes)))
        ensure(static_cast<bool>(key), "a PEM file that only pretix reads");
}

} // namespace voelgoed::fuzz

// Whatever lies in the high-water mark's file, it is a mark as it was written or none, and takes the next one.
#include "device/core/vault/high_water.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/crash_disk.h"

#include <algorithm>

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView bytes)
{
    support::CrashDisk disk("fuzz", 1);
    const std::string path = vault::highWaterFile("a");
    {
        auto file = storage::File::open(path, disk.name());
        ensure(file && (bytes.empty() || (*file)->write(0, bytes)), "a file in memory");
    }
    auto mark = vault::HighWater::open("a", disk.name());
    ensure(static_cast<bool>(mark), "a file that can be read is refused");
    journal::Tail next{.sequence = {1}, .epoch = {7}};
    if (mark->last()) {
        const auto &hash = mark->last()->hash;
        ensure(std::search(bytes.begin(), bytes.end(), hash.begin(), hash.end()) != bytes.end(),
               "a mark that nobody wrote");
        next = *mark->last();
        if (next.sequence.value == UINT64_MAX)
            return;
        ++next.sequence.value;
    }
    mark->raise(next);
    const auto again = vault::HighWater::open("a", disk.name());
    ensure(again && again->last() && again->last()->sequence == next.sequence && again->last()->hash == next.hash,
           "a mark is not raised");
}

} // namespace voelgoed::fuzz

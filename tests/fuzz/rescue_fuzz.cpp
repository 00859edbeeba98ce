#include "device/core/journal/rescue.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/crash_disk.h"

#include <algorithm>

namespace voelgoed::fuzz {

namespace {

using journal::Rescue;
using Rows = std::vector<base::Bytes>;

constexpr const char *kPath = "r";
constexpr std::uint64_t kSize = 16 << 10; ///< going through megabytes would be most of the time
constexpr std::size_t kOpsMax = 64;

/// A rescue journal of the full size that begins with these bytes.
void put(const support::CrashDisk &disk, base::ByteView bytes)
{
    auto file = storage::File::open(kPath, disk.name());
    constexpr std::array kZero{std::byte{}};
    ensure(file && (*file)->write(kSize - 1, kZero) && (bytes.empty() || (*file)->write(0, bytes)), "a file in memory");
}

Rows openedRows(const support::CrashDisk &disk)
{
    const auto rescue = Rescue::open(kPath, disk.name(), kSize);
    ensure(static_cast<bool>(rescue), "what was opened once can be opened again");
    return rescue->rows();
}

/// As one comparison of memory: byte by byte would be most of the time.
bool isSame(const std::vector<std::byte> &a, const std::vector<std::byte> &b)
{
    return base::textOf(a) == base::textOf(b);
}

/// What holds for a file in any state. What was got out of it, and what a start would read, if it would.
struct Seen
{
    Rows salvaged;
    std::optional<Rows> opened;
};
Seen look(support::CrashDisk &disk)
{
    const auto before = *disk.contents(kPath);
    auto salvaged = Rescue::salvage(kPath, disk.name(), kSize);
    ensure(salvaged && isSame(*disk.contents(kPath), before), "getting rows out fails, or changes the file");
    Seen seen{.salvaged = std::move(*salvaged), .opened = {}};
    auto rescue = Rescue::open(kPath, disk.name(), kSize);
    if (!rescue) {
        ensure(rescue.error().code == base::ErrorCode::Corrupt, "a disk in memory fails");
        ensure(isSame(*disk.contents(kPath), before), "something is written to what is damaged");
        return seen;
    }
    seen.opened = rescue->rows();
    ensure(*seen.opened == seen.salvaged, "a start reads other rows than can be got");
    // It takes rows again, behind the ones that it has, and forgets all of them together.
    const base::Bytes row(20, std::byte{7});
    if (rescue->append(row)) {
        Rows expected = *seen.opened;
        expected.push_back(row);
        ensure(openedRows(disk) == expected, "a row that was taken is not there");
    }
    ensure(rescue->clear() && openedRows(disk).empty(), "a row that was cleared away is there");
    return seen;
}

/// Reads numbers out of the input; zeros behind its end.
struct Reader
{
    base::ByteView rest;

    std::uint32_t next(std::size_t bytes)
    {
        std::uint32_t value = 0;
        for (; bytes > 0; --bytes) {
            value = value << 8 | (rest.empty() ? 0 : std::to_integer<std::uint32_t>(rest.front()));
            rest = rest.empty() ? rest : rest.subspan(1);
        }
        return value;
    }
};

/// A life of a rescue journal: rows, clearings, and then damage. Nothing comes out that was never put in.
void live(Reader input)
{
    support::CrashDisk disk("fuzz", 1);
    put(disk, {});
    std::vector<Rows> generations(1);
    {
        auto rescue = Rescue::open(kPath, disk.name(), kSize);
        ensure(static_cast<bool>(rescue), "zeros are a new rescue journal");
        const std::uint32_t ops = input.next(1) % kOpsMax;
        for (std::uint32_t op = 0; op < ops; ++op) {
            const std::uint32_t size = input.next(1);
            if (size == 0) {
                generations.emplace_back();
                ensure(static_cast<bool>(rescue->clear()), "clearing");
                continue;
            }
            base::Bytes row(size * size, static_cast<std::byte>(input.next(1)));
            row.back() = static_cast<std::byte>(op);
            const auto appended = rescue->append(row);
            ensure(appended || appended.error().message.find("full") != std::string::npos, "appending");
            if (appended)
                generations.back().push_back(std::move(row));
        }
    }
    const Rows last = generations.back();
    ensure(openedRows(disk) == last, "rows are read as they were written");
    const bool damaged = !input.rest.empty();
    while (!input.rest.empty()) {
        auto &file = *disk.contents(kPath);
        file[input.next(3) % file.size()] ^= static_cast<std::byte>(input.next(1));
    }
    const Seen seen = look(disk);
    if (!damaged)
        ensure(seen.opened == std::optional(last), "sound, and refused");
    for (const base::Bytes &row : seen.salvaged) {
        const bool known = std::any_of(generations.begin(), generations.end(), [&](const Rows &rows) {
            return std::find(rows.begin(), rows.end(), row) != rows.end();
        });
        ensure(known, "a row that nobody wrote");
    }
    if (seen.opened)
        ensure(seen.opened->size() <= last.size() && std::equal(seen.opened->begin(), seen.opened->end(), last.begin()),
               "a start passes over a row");
}

} // namespace

/// The first byte says what the others are: the file itself (0), or what happens to one.
void fuzzOne(base::ByteView input)
{
    if (input.empty())
        return;
    if (input[0] != std::byte{})
        return live({input.subspan(1)});
    support::CrashDisk disk("fuzz", 1);
    put(disk, input.subspan(1));
    look(disk);
}

} // namespace voelgoed::fuzz

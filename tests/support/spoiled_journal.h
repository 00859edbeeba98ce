#pragma once

#include "device/core/storage/file.h"
#include "device/core/vault/vault.h"
#include "shared/domain/verdict.h"
#include "shared/protocol/row.h"
#include "tests/support/crash_disk.h"

#include <QtGlobal>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

/// Journals on crash disks, and ways to spoil them.
namespace voelgoed::support {

inline constexpr std::size_t kPage = 4096;
inline constexpr std::size_t kLogHeader = 32, kFrame = 24 + kPage;

using Image = std::map<std::string, base::Bytes>; ///< a disk's files by name
using Rows = std::map<std::uint64_t, base::Bytes>;

inline const char *const kFiles[] = {"gate.db", "gate.db-wal", "gate.db-mark", "rescue.log"};

inline Image imageOf(CrashDisk &disk)
{
    Image image;
    for (const char *file : kFiles) {
        if (const auto *bytes = disk.contents(file))
            image[file] = *bytes;
    }
    return image;
}

inline void put(const Image &image, CrashDisk &disk)
{
    for (const auto &[file, bytes] : image) {
        auto opened = storage::File::open(file, disk.name());
        if (!opened || !(*opened)->write(0, bytes) || !(*opened)->sync())
            qFatal("the disk of a test cannot be filled");
    }
}

inline vault::VaultOptions optionsOn(const CrashDisk &disk)
{
    return {.path = "gate.db", .vfs = disk.name(), .device = {"device-1"}};
}

inline vault::RowDraft draftOf(base::Random &random, int number)
{
    domain::ScanRecord scan;
    scan.checkpoint = {"main"};
    scan.gate = {"north"};
    scan.ordinal = {static_cast<std::uint32_t>(1 + number)};
    const bool admitted = random.below(4) != 0;
    scan.outcome = domain::word(admitted ? domain::Outcome::Admit : domain::Outcome::Refuse);
    scan.reason = domain::word(admitted ? domain::Reason::Ok : domain::Reason::AlreadyUsed);
    // Now and then longer than a page, so that it goes on in others.
    scan.explanation = std::string(random.below(20) == 0 ? 5'000 + random.below(9'000) : random.below(300), 'x');
    return {.event = {"fest"}, .at = base::instantFromMillis(1'796'000'000'000 + number), .what = std::move(scan)};
}

/// A journal of so many rows, and the disk as a kill leaves it: the newest rows in the log.
struct Evening
{
    Rows rows;
    Image image;
};

inline Evening eveningOf(std::uint64_t seed, int scans)
{
    Evening evening;
    CrashDisk disk("evening", seed);
    base::SeededRandom random(seed);
    auto vault = vault::Vault::open(optionsOn(disk), random);
    if (!vault)
        qFatal("a vault cannot be made");
    const int moved = static_cast<int>(random.below(static_cast<std::uint64_t>(scans)));
    for (int scan = 0; scan < scans; ++scan) {
        const auto recorded = (*vault)->record(draftOf(random, scan));
        if (!recorded)
            qFatal("a row cannot be made");
        evening.rows[recorded->row.key.sequence.value] = protocol::encode(recorded->row);
        (*vault)->shown();
        if (scan == moved && !(*vault)->database().checkpoint())
            qFatal("the log cannot be moved");
    }
    evening.image = imageOf(disk);
    return evening;
}

/// Where the pages of a file are, the log's too.
inline std::vector<std::pair<std::string, std::size_t>> pagesOf(const Image &image)
{
    std::vector<std::pair<std::string, std::size_t>> pages;
    for (std::size_t at = 0; at + kPage <= image.at("gate.db").size(); at += kPage)
        pages.emplace_back("gate.db", at);
    for (std::size_t at = kLogHeader; at + kFrame <= image.at("gate.db-wal").size(); at += kFrame)
        pages.emplace_back("gate.db-wal", at + 24);
    return pages;
}

/// Takes the first page away, wherever there is a version of it: no row is on it, and without it there is no database.
inline void behead(Image &image)
{
    std::fill_n(image["gate.db"].begin(), kPage, std::byte{});
    base::Bytes &log = image["gate.db-wal"];
    for (std::size_t at = kLogHeader; at + kFrame <= log.size(); at += kFrame) {
        if (base::bigEndianAt<std::uint32_t>(log, at) == 1)
            std::fill_n(log.begin() + static_cast<std::ptrdiff_t>(at) + 24, kPage, std::byte{});
    }
}

inline void behead(CrashDisk &disk)
{
    Image image = imageOf(disk);
    behead(image);
    for (const auto &[file, bytes] : image) {
        if (!bytes.empty())
            *disk.contents(file) = bytes;
    }
}

/// Numbers of the rows that lie whole in a leaf of a table among these pages.
inline std::set<std::uint64_t> rowsOn(const Evening &evening,
                                      const std::vector<std::pair<std::string, std::size_t>> &pages)
{
    std::set<std::uint64_t> numbers;
    for (const auto &[file, at] : pages) {
        const std::string_view page = base::textOf(base::ByteView(evening.image.at(file)).subspan(at, kPage));
        if (page[0] != 0x0D)
            continue;
        for (const auto &[number, bytes] : evening.rows) {
            if (page.find(base::textOf(bytes)) != std::string_view::npos)
                numbers.insert(number);
        }
    }
    return numbers;
}

} // namespace voelgoed::support

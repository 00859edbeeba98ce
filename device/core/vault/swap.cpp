#include "device/core/vault/swap.h"

#include "device/core/storage/file.h"
#include "device/core/vault/high_water.h"
#include "shared/base/crypto/digest.h"

#include <optional>

namespace voelgoed::vault {

using base::Result;

namespace {

constexpr std::size_t kRecordMax = 4096;
constexpr int kSameNameMax = 100;

/// "aside\nrescue\ncheck\n": without a check that holds it was cut off, and nothing has changed yet.
std::string recordOf(const Swap &swap)
{
    const std::string said = swap.aside + "\n" + swap.rescue + "\n";
    return said + base::toHex(base::sha256(base::bytesOf(said))) + "\n";
}

std::optional<Swap> parseRecord(std::string_view record, const std::string &path, const std::string &vfs)
{
    const std::size_t first = record.find('\n');
    const std::size_t second = first == std::string_view::npos ? first : record.find('\n', first + 1);
    if (second == std::string_view::npos)
        return std::nullopt;
    Swap swap{.path = path,
              .vfs = vfs,
              .rescue = std::string(record.substr(first + 1, second - first - 1)),
              .aside = std::string(record.substr(0, first))};
    const std::string expected = recordOf(swap);
    return record.substr(0, expected.size()) == expected ? std::optional(std::move(swap)) : std::nullopt;
}

std::string baseName(const std::string &path)
{
    return path.substr(path.find_last_of('/') + 1);
}

/// A folder of another file system takes no file of this one: what lies elsewhere stays there, under another name.
std::string asideName(const std::string &file, const Swap &swap)
{
    const auto folderOf = [](const std::string &path) { return path.substr(0, path.find_last_of('/') + 1); };
    return folderOf(file) == folderOf(swap.path) ? swap.aside + "/" + baseName(file)
                                                 : file + "." + baseName(swap.aside);
}

Result<void> putAside(const std::string &file, const Swap &swap, storage::Names &names)
{
    if (names.kindOf(file) == storage::Names::Kind::Nothing)
        return {};
    // Whatever was put aside before stays what it is.
    std::string aside = asideName(file, swap);
    for (int more = 2; names.kindOf(aside) != storage::Names::Kind::Nothing; ++more) {
        if (more > kSameNameMax)
            return base::Error{base::ErrorCode::Unavailable, aside + ": there is no name left for it", {}};
        aside = asideName(file, swap) + "." + std::to_string(more);
    }
    return names.rename(file, aside);
}

Result<void> carryOut(const Swap &swap, storage::Names &names)
{
    using Kind = storage::Names::Kind;
    // Once the new file has its name, everything that has the old names belongs to it.
    const Kind kind = names.kindOf(newFileOf(swap.path));
    if (kind == Kind::Other)
        return base::Error{base::ErrorCode::Unavailable, newFileOf(swap.path) + ": cannot be looked at", {}};
    if (kind == Kind::File) {
        if (auto made = names.makeFolder(swap.aside); !made)
            return made;
        const std::string old[] = {swap.path + "-wal", swap.path + "-journal", highWaterFile(swap.path), swap.path,
                                   swap.rescue};
        for (const std::string &file : old) {
            if (file.empty())
                continue;
            if (auto moved = putAside(file, swap, names); !moved)
                return moved;
        }
        if (auto renamed = names.rename(newFileOf(swap.path), swap.path); !renamed)
            return renamed;
    }
    return names.remove(swapFileOf(swap.path));
}

} // namespace

std::string newFileOf(const std::string &path)
{
    return path + ".new";
}

std::string swapFileOf(const std::string &path)
{
    return path + ".swap";
}

Result<void> swapIn(const Swap &swap, storage::Names &names)
{
    auto file = storage::File::open(swapFileOf(swap.path), swap.vfs);
    if (!file)
        return file.error();
    const std::string record = recordOf(swap);
    base::ensure(record.size() <= kRecordMax, "names that are too long for a swap");
    if (auto written = (*file)->write(0, base::bytesOf(record)); !written)
        return written;
    if (auto synced = (*file)->sync(); !synced)
        return synced;
    return carryOut(swap, names);
}

Result<void> finishSwap(const std::string &path, const std::string &vfs, storage::Names &names)
{
    if (names.kindOf(swapFileOf(path)) != storage::Names::Kind::File)
        return {};
    auto file = storage::File::open(swapFileOf(path), vfs);
    if (!file)
        return file.error();
    const auto bytes = (*file)->read(0, kRecordMax);
    if (!bytes)
        return bytes.error();
    file->reset();
    const auto swap = parseRecord(base::textOf(*bytes), path, vfs);
    return swap ? carryOut(*swap, names) : names.remove(swapFileOf(path));
}

} // namespace voelgoed::vault

#include "device/core/vault/repair.h"

#include "device/core/replica/list_copy.h"
#include "device/core/storage/page_reader.h"
#include "device/core/storage/settings.h"
#include "device/core/vault/swap.h"

namespace voelgoed::vault {

using base::Result;
using storage::Database;

namespace {

struct OldList
{
    std::unique_ptr<Database> database;
    replica::Replica replica;
};

/// The list of the damaged file, if every bit of it is what was signed.
std::optional<OldList> soundList(const VaultOptions &options, std::uint64_t newestList)
{
    auto database =
        Database::open({.path = options.path, .vfs = options.vfs, .access = storage::OpenOptions::Access::ReadOnly});
    if (!database)
        return std::nullopt;
    auto replica = replica::Replica::open(**database);
    if (!replica || !replica->head() || !replica->verify())
        return std::nullopt;
    // Rows were judged by a newer one: this is what was there before that was loaded.
    if (replica->head()->cursor.sequence < newestList)
        return std::nullopt;
    return OldList{std::move(*database), std::move(*replica)};
}

Result<void> look(const VaultOptions &options, storage::Names::Kind file, Findings &findings)
{
    journal::Salvage salvage(options.device);
    auto reader = storage::PageReader::open({.database = file == storage::Names::Kind::File ? options.path : "",
                                             .log = options.path + "-wal",
                                             .vfs = options.vfs});
    if (!reader)
        return reader.error();
    reader->eachRecord([&](const storage::Record &record) { salvage.add(record); });
    findings.unreadable = reader->unreadable();
    const auto rescued = journal::Rescue::salvage(options.rescue, options.vfs);
    if (!rescued)
        return rescued.error();
    for (const base::Bytes &row : *rescued)
        salvage.addRescued(row);
    findings.rescued = rescued->size();
    const auto mark = HighWater::open(options.path, options.vfs);
    if (!mark)
        return mark.error();
    if (mark->last())
        salvage.addMark(*mark->last());
    findings.journal = salvage.finish();
    if (const auto list = soundList(options, findings.journal.newestList)) {
        findings.keepsList = true;
        findings.tickets = list->replica.head()->tickets;
        findings.journal.signers.insert(base::toHex(list->replica.head()->signer));
    }
    // Two different ones: one of them is of another file, or damaged. Somebody has to say which.
    findings.keepsTrust = findings.journal.signers.size() == 1;
    return {};
}

Result<void> removeLeftovers(const std::string &path, storage::Names &names)
{
    for (const char *suffix : {"-wal", "-journal", ""}) {
        if (names.kindOf(path + suffix) == storage::Names::Kind::Nothing)
            continue;
        if (auto removed = names.remove(path + suffix); !removed)
            return removed;
    }
    return {};
}

/// What goes into the new file: everything that was saved, and numbers that nobody has used.
journal::Remains remainsOf(const Findings &findings)
{
    journal::Remains remains = findings.journal.remains;
    const std::uint64_t seen = remains.numberedThrough.value;
    remains.numberedThrough.value += kNumberMargin;
    remains.epochsThrough.value += kNumberMargin;
    const std::uint64_t last = remains.gaps.empty() ? 0 : remains.gaps.back().last.value;
    if (last == seen && last > 0)
        remains.gaps.back().last = remains.numberedThrough;
    else
        remains.gaps.push_back({{seen + 1}, remains.numberedThrough});
    return remains;
}

Result<void> fill(Database &database, const VaultOptions &options, const Findings &findings)
{
    if (auto made = storage::makeSettings(database); !made)
        return made;
    auto replica = replica::Replica::open(database);
    if (!replica)
        return replica.error();
    auto journal = journal::Journal::open(database, options.device);
    if (!journal)
        return journal.error();
    if (auto restored = journal->restore(remainsOf(findings)); !restored)
        return restored;
    if (findings.keepsTrust) {
        const std::string &signer = *findings.journal.signers.begin();
        if (auto set = storage::setSetting(database, replica::kTrustedSigner, signer); !set)
            return set;
    }
    if (findings.keepsList) {
        const auto list = soundList(options, findings.journal.newestList);
        if (!list)
            return base::corrupt("the list could be read before, and now it cannot");
        if (auto copied = replica::copyList(*list->database, list->replica, database); !copied)
            return copied;
        if (auto read = replica->refresh(); !read)
            return read;
    }
    if (auto sound = database.checkPages(); !sound)
        return sound;
    if (auto sound = journal->verify(); !sound)
        return sound;
    return replica->verify();
}

Result<void> build(const std::string &path, const VaultOptions &options, const Findings &findings)
{
    auto database = Database::open({.path = path, .vfs = options.vfs});
    if (!database)
        return database.error();
    if (auto filled = fill(**database, options, findings); !filled)
        return filled;
    if (auto moved = (*database)->checkpoint(); !moved)
        return moved;
    (*database)->foundSound();
    return {};
}

} // namespace

Result<Findings> examine(const VaultOptions &options, storage::Names &names, base::Random &random)
{
    using Kind = storage::Names::Kind;
    if (auto finished = finishSwap(options.path, options.vfs, names); !finished)
        return finished.error();
    Findings findings;
    const Kind file = names.kindOf(options.path);
    const bool nothing = file == Kind::Nothing && names.kindOf(options.path + "-wal") == Kind::Nothing &&
                         names.kindOf(highWaterFile(options.path)) == Kind::Nothing;
    if (nothing)
        return base::Error{base::ErrorCode::NotFound, options.path + ": there is no such file", {}};
    const auto sound = file == Kind::Other ? Result<void>(base::corrupt(options.path + ": this is not a file"))
                                           : Vault::check(options, random);
    if (sound)
        return findings;
    if (auto looked = look(options, file, findings); !looked)
        return looked.error();
    // A disk that is full, locked or not there is none of a repair's business; one that loses pages is.
    if (sound.error().code != base::ErrorCode::Corrupt && findings.unreadable == 0)
        return sound.error();
    findings.damage = sound.error();
    return findings;
}

Result<void> repair(const VaultOptions &options, const Findings &findings, const std::string &aside,
                    storage::Names &names)
{
    base::ensure(findings.damage.has_value(), "a repair of what is sound");
    const std::string path = newFileOf(options.path);
    if (auto removed = removeLeftovers(path, names); !removed)
        return removed;
    auto built = build(path, options, findings);
    if (built && names.kindOf(path + "-wal") != storage::Names::Kind::Nothing)
        built = names.remove(path + "-wal"); // everything in it was moved
    if (!built) {
        (void)removeLeftovers(path, names);
        return built;
    }
    const bool rescueToo = findings.rescued > 0 || !journal::Rescue::open(options.rescue, options.vfs);
    return swapIn({.path = options.path,
                   .vfs = options.vfs,
                   .rescue = rescueToo ? options.rescue : std::string(),
                   .aside = aside},
                  names);
}

} // namespace voelgoed::vault

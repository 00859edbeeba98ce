#include "device/gate/repair.h"

#include "device/core/profile/identity.h"
#include "device/core/vault/repair.h"
#include "device/gate/data_folder.h"
#include "device/gate/jobs.h"
#include "shared/base/json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <ostream>

namespace voelgoed::gate {

namespace {

constexpr int kNobodySaidYes = 3;
constexpr std::size_t kGapsShown = 20;

int failed(const base::Error &error, const Streams &streams)
{
    streams.err << errorLines(error);
    return 2;
}

/// "broken-20261205T180000Z", or with a number behind it if that is taken.
std::string asideOf(const DataFolder &folder, base::Instant now, storage::Names &names)
{
    std::string stamp = base::formatInstant(std::chrono::floor<std::chrono::seconds>(now));
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    stamp = stamp.substr(0, stamp.find_first_of(".Z"));
    const std::string aside = folder.path() + "/broken-" + stamp + "Z";
    std::string name = aside;
    for (int more = 2; names.kindOf(name) != storage::Names::Kind::Nothing; ++more)
        name = aside + "-" + std::to_string(more);
    return name;
}

std::uint64_t nextOf(const vault::Findings &findings)
{
    return findings.journal.remains.numberedThrough.value + vault::kNumberMargin + 1;
}

boost::json::object reportOf(const vault::Findings &findings)
{
    const journal::Salvaged &journal = findings.journal;
    boost::json::array lost;
    for (const journal::Gap &gap : journal.lost)
        lost.push_back(boost::json::array{gap.first.value, gap.last.value});
    return {{"damage", findings.damage->message},
            {"rows_saved", journal.remains.rows.size()},
            {"rows_doubtful", journal.doubtful},
            {"rows_lost", journal.unknown},
            {"lost", lost},
            {"passages_kept", journal.remains.marks.size()},
            {"shifts", journal.remains.shifts.size()},
            {"unreadable_pages", findings.unreadable},
            {"list", findings.keepsList ? "kept" : "load the bundle again"},
            {"tickets", findings.tickets},
            {"trust", findings.keepsTrust ? "kept" : "name the signer again"},
            {"next_seq", nextOf(findings)}};
}

void tell(const vault::Findings &findings, const Streams &streams)
{
    const journal::Salvaged &journal = findings.journal;
    streams.out << "damaged          " << findings.damage->message << "\n"
                << "rows saved       " << journal.remains.rows.size() << "\n"
                << "rows doubtful    " << journal.doubtful << "  (there, but not what was written)\n"
                << "rows lost        " << journal.unknown << "\n";
    for (std::size_t i = 0; i < std::min(journal.lost.size(), kGapsShown); ++i)
        streams.out << "  numbers        " << journal.lost[i].first.value << " to " << journal.lost[i].last.value
                    << "\n";
    if (journal.lost.size() > kGapsShown)
        streams.out << "  and            " << journal.lost.size() - kGapsShown << " more gaps\n";
    streams.out << "passages kept    " << journal.remains.marks.size() << "  (of rows that are gone: still refused)\n"
                << "shifts           " << journal.remains.shifts.size() << "\n"
                << "list             "
                << (findings.keepsList ? "kept, " + std::to_string(findings.tickets) + " tickets"
                                       : std::string("gone: load the bundle again"))
                << "\n"
                << "trusted signer   " << (findings.keepsTrust ? "kept" : "gone: say it again when you load") << "\n"
                << "next number      " << nextOf(findings) << "\n";
}

} // namespace

int repair(const RepairOptions &options, const Machine &machine, const Streams &streams)
{
    const auto folder = DataFolder::take(options.folder, DataFolder::Missing::Refuse);
    if (!folder)
        return failed(folder.error(), streams);
    const auto identity = profile::loadIdentity(folder->path());
    if (!identity)
        return failed(identity.error(), streams);
    storage::SystemNames names;
    const auto rescue = options.rescue.empty() ? folder->rescueFile() : base::Result<std::string>(options.rescue);
    if (!rescue) {
        base::Error error = rescue.error();
        error.hint = "Put it back. Or give those scans up: add --rescue " + folder->path() + "/rescue.log";
        return failed(error, streams);
    }
    const vault::VaultOptions vault{.path = folder->file(), .rescue = *rescue, .vfs = {}, .device = identity->device};
    const auto findings = vault::examine(vault, names, machine.random);
    if (!findings)
        return failed(findings.error(), streams);
    const bool json = options.style == Style::Json;
    if (!findings->damage) {
        streams.out << (json ? "{\"finding\":\"sound\"}" : "Nothing to repair: " + vault.path + " is sound.") << "\n";
        return 0;
    }
    boost::json::object report = reportOf(*findings);
    const bool wanted = options.consent == RepairOptions::Consent::Given;
    const std::string aside = asideOf(*folder, machine.clock.now().wall, names);
    if (wanted) {
        if (auto repaired = vault::repair(vault, *findings, aside, names); !repaired)
            return failed(repaired.error(), streams);
        report["put_aside"] = aside;
    }
    report["finding"] = wanted ? "repaired" : "damaged";
    if (json)
        streams.out << base::toText(report) << "\n";
    else
        tell(*findings, streams);
    if (wanted && !json)
        streams.out << "Repaired. The old files are in " << aside << ": keep them.\n";
    if (wanted)
        return 0;
    streams.err << "Nothing was changed. To make a new file of what can be saved, and put the old one aside in the "
                   "folder, say --yes.\n";
    return kNobodySaidYes;
}

} // namespace voelgoed::gate

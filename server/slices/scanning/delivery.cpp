#include "server/slices/scanning/delivery.h"

#include "shared/protocol/row.h"

#include <algorithm>

namespace voelgoed::scanning {

namespace {

constexpr base::Milliseconds kWay = std::chrono::seconds(2);
constexpr std::size_t kNameMax = 256; ///< as of ids in definitions

/// As far as a row that cannot be taken can be told from others.
domain::RowKey keyBeside(const protocol::Chain &chain, std::size_t index)
{
    domain::RowKey key = chain.head.row;
    const std::size_t behind = chain.rows.size() - 1 - index;
    key.sequence.value = key.sequence.value > behind ? key.sequence.value - behind : 0;
    return key;
}

/// Names and words that columns and their indexes hold; what is longer is no gate's.
bool fits(std::initializer_list<std::size_t> sizes)
{
    return std::all_of(sizes.begin(), sizes.end(), [](std::size_t size) { return size <= kNameMax; });
}

bool isShort(const domain::Row &row)
{
    if (const auto *scan = std::get_if<domain::ScanRecord>(&row.what)) {
        return fits({row.event.text.size(), scan->checkpoint.text.size(), scan->gate.text.size(),
                     scan->session.text.size(), scan->operatedBy.text.size(), scan->outcome.size(), scan->reason.size(),
                     scan->overridden.size()}) &&
               (!scan->override || fits({scan->override->by.text.size()}));
    }
    const auto &undo = std::get<domain::UndoRecord>(row.what);
    return fits({row.event.text.size(), undo.row.device.text.size(), undo.by.text.size()});
}

/// A moment that clocks and calendars can be at, however wrong they are.
bool isOfTheCalendar(base::Instant at)
{
    return at >= base::kFirst && at <= base::kLatest;
}

bool isOfTheCalendar(const domain::Row &row)
{
    return isOfTheCalendar(row.at) && isOfTheCalendar(row.wall) && row.sinceBoot >= base::Milliseconds(0) &&
           row.sinceBoot < base::kLatest - base::kFirst;
}

} // namespace

std::string_view word(Source source)
{
    switch (source) {
    case Source::Live:
        return "live";
    case Source::Carried:
        return "carried";
    case Source::Json:
        return "json";
    }
    return {};
}

base::Instant correctedTime(const domain::Row &row, const Anchor &anchor)
{
    const bool isOfThisBoot = row.key.device == anchor.device && anchor.epoch.value > 0 &&
                              row.key.epoch == anchor.epoch && row.sinceBoot <= anchor.sinceBoot;
    if (!isOfThisBoot)
        return row.at;
    const base::Instant at = anchor.now - (anchor.sinceBoot - row.sinceBoot);
    return std::chrono::abs(at - row.at) <= kWay ? row.at : at;
}

Read readChains(const std::vector<protocol::Chain> &chains, Source source, const Anchor &anchor, const FindMaker &find)
{
    Read read;
    for (const protocol::Chain &chain : chains) {
        const auto maker = find(chain.head.row.device);
        std::string problem;
        if (!maker)
            problem = "unknown_device";
        else if (!protocol::headHolds(chain.head, maker->key))
            problem = "signature";
        const std::size_t vouched = problem.empty() ? protocol::vouchedFrom(chain) : chain.rows.size();
        for (std::size_t i = 0; i < chain.rows.size(); ++i) {
            const auto refuse = [&](const std::string &reason) {
                read.unusable.push_back({chain.rows[i], keyBeside(chain, i), reason});
            };
            if (i < vouched) {
                refuse(problem.empty() ? "not_vouched_for" : problem);
                continue;
            }
            auto row = protocol::decodeRow(chain.rows[i]);
            if (!row) {
                refuse("unreadable");
                continue;
            }
            if (!isShort(*row)) {
                refuse("too_long");
                continue;
            }
            if (!isOfTheCalendar(*row)) {
                refuse("no_time");
                continue;
            }
            Brought brought{.bytes = chain.rows[i],
                            .hash = protocol::hashOf(chain.rows[i]),
                            .row = std::move(*row),
                            .at = {},
                            .source = source,
                            .unverified = maker->isRevoked};
            brought.at = std::clamp(correctedTime(brought.row, anchor), base::kFirst, base::kLatest);
            read.rows.push_back(std::move(brought));
        }
    }
    return read;
}

bool isStorable(const protocol::ShiftNote &shift)
{
    return fits({shift.session.text.size(), shift.gate.text.size(), shift.operatedBy.text.size()}) &&
           isOfTheCalendar(shift.openedAt) && (!shift.closedAt || isOfTheCalendar(*shift.closedAt));
}

} // namespace voelgoed::scanning

#include "server/slices/scanning/actions/quarantine.h"

#include "server/slices/scanning/own.h"
#include "shared/base/text.h"
#include "shared/protocol/row.h"

#include <algorithm>

namespace voelgoed::scanning {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::size_t kShownMax = 100;

#define VOELGOED_ASIDE "id, brought_by, device, epoch, seq, reason, state, received_at, row"

constexpr pg::Sql kList{"SELECT " VOELGOED_ASIDE R"( FROM scanning.quarantine
WHERE organization_id = app.org() AND event_id = $1 AND ($2::text IS NULL OR state = $2)
  AND ($3::text IS NULL OR brought_by = $3) AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC LIMIT $5)"};

constexpr pg::Sql kOne{"SELECT " VOELGOED_ASIDE R"( FROM scanning.quarantine
WHERE organization_id = app.org() AND event_id = $1 AND id = $2)"};

constexpr pg::Sql kDismiss{R"(
UPDATE scanning.quarantine SET state = 'dismissed'
WHERE organization_id = app.org() AND event_id = $1 AND id = $2 AND state = 'open' RETURNING )" VOELGOED_ASIDE};

constexpr pg::Sql kListStrays{"SELECT " VOELGOED_ASIDE R"( FROM scanning.strays
WHERE organization_id = app.org() AND ($1::text IS NULL OR state = $1)
  AND ($2::text IS NULL OR brought_by = $2) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4)"};

constexpr pg::Sql kOneStray{"SELECT " VOELGOED_ASIDE R"( FROM scanning.strays
WHERE organization_id = app.org() AND id = $1)"};

constexpr pg::Sql kDismissStray{R"(
UPDATE scanning.strays SET state = 'dismissed'
WHERE organization_id = app.org() AND id = $1 AND state = 'open' RETURNING )" VOELGOED_ASIDE};

std::optional<AsideSays> saidBy(base::ByteView bytes)
{
    const auto row = protocol::decodeRow(bytes);
    const auto *scan = row ? std::get_if<domain::ScanRecord>(&row->what) : nullptr;
    if (!scan)
        return std::nullopt;
    return AsideSays{.at = row->wall,
                     .checkpoint = base::printable(scan->checkpoint.text, kShownMax),
                     .gate = base::printable(scan->gate.text, kShownMax),
                     .outcome = base::printable(scan->outcome, kShownMax),
                     .reason = base::printable(scan->reason, kShownMax),
                     .ordinal = static_cast<std::int32_t>(std::min<std::uint32_t>(scan->ordinal.value, INT32_MAX))};
}

AsideShown asideOf(const pg::Rows::Row &row)
{
    const auto bytes = row.get<base::Bytes>(8);
    return {.id = row.get<base::Uuid>(0),
            .broughtBy = row.get<std::string>(1),
            .device = row.get<std::string>(2),
            .epoch = row.get<std::int64_t>(3),
            .seq = row.get<std::int64_t>(4),
            .reason = row.get<std::string>(5),
            .state = row.get<std::string>(6) == "open" ? AsideState::Open : AsideState::Dismissed,
            .receivedAt = row.get<base::Instant>(7),
            .bytes = base::toBase64(bytes),
            .says = saidBy(bytes)};
}

struct Filter
{
    std::int64_t limit = 0;
    std::optional<std::string> state, broughtBy;
};

template <class In>
Filter filterOf(const In &in)
{
    Filter filter{.limit = std::clamp(in.limit.value, 1, 100), .state = {}, .broughtBy = {}};
    if (in.state)
        filter.state = actions::written(*in.state).as_string();
    if (in.broughtBy)
        filter.broughtBy = in.broughtBy->value;
    return filter;
}

/// `rows` are one more than the limit, where there are so many.
AsidePage pageOf(const pg::Rows &rows, std::int64_t limit)
{
    AsidePage page;
    page.hasMore = rows.size() > static_cast<std::size_t>(limit);
    for (std::size_t i = 0; i < rows.size() && i < static_cast<std::size_t>(limit); ++i)
        page.data.push_back(asideOf(rows[i]));
    if (page.hasMore)
        page.next = page.data.back().id;
    return page;
}

/// `dismiss` changes the row and gives it back; `find` gives it whatever its state is.
Task<Result<AsideShown>> dismissRow(Context &context, pg::Query dismiss, pg::Query find, std::string note)
{
    const auto rows = co_await context.run(dismiss.sql, std::move(dismiss.params));
    if (!rows)
        co_return rows.error();
    if (rows->empty()) {
        const auto there = co_await context.run(find.sql, std::move(find.params));
        if (!there)
            co_return there.error();
        if (there->empty())
            co_return actions::notFound("row");
        co_return actions::conflict("already_dismissed", "Somebody dismissed this row already.");
    }
    AsideShown shown = asideOf(rows->front());
    context.audit({.action = {},
                   .subjectType = "quarantined_row",
                   .subject = base::toText(shown.id),
                   .before = {{"state", "open"}},
                   .after = {{"state", "dismissed"}, {"brought_by", shown.broughtBy}, {"reason", shown.reason}},
                   .reason = std::move(note)});
    co_return shown;
}

} // namespace

Task<Result<AsidePage>> listQuarantine(Context &context, Scanning &, ListQuarantine in)
{
    if (const auto known = co_await hasEvent(context, in.event); !known)
        co_return known.error();
    if (context.grant() == access::Grant::Own)
        co_return actions::notFound("event");
    const Filter filter = filterOf(in);
    const auto rows = co_await context.run(
        kList, pg::Params::of(in.event, filter.state, filter.broughtBy, in.after, filter.limit + 1));
    if (!rows)
        co_return rows.error();
    co_return pageOf(*rows, filter.limit);
}

Task<Result<AsideShown>> dismissAside(Context &context, Scanning &, DismissAside in)
{
    co_return co_await dismissRow(context, {kDismiss, pg::Params::of(in.event, in.row)},
                                  {kOne, pg::Params::of(in.event, in.row)}, in.note.value);
}

Task<Result<AsidePage>> listStrays(Context &context, Scanning &, ListStrays in)
{
    const Filter filter = filterOf(in);
    const auto rows =
        co_await context.run(kListStrays, pg::Params::of(filter.state, filter.broughtBy, in.after, filter.limit + 1));
    if (!rows)
        co_return rows.error();
    co_return pageOf(*rows, filter.limit);
}

Task<Result<AsideShown>> dismissStray(Context &context, Scanning &, DismissStray in)
{
    co_return co_await dismissRow(context, {kDismissStray, pg::Params::of(in.row)}, {kOneStray, pg::Params::of(in.row)},
                                  in.note.value);
}

void addQuarantineActions(Scanning &scanning)
{
    using access::Permission;
    using access::Policy;
    scanning.kernel.actions.add({.name = "scanning.list_quarantine",
                                 .method = http::Method::Get,
                                 .route = "/v1/events/{event}/quarantine",
                                 .summary = "Rows that devices brought and that could not be taken, latest first",
                                 .policy = Policy::may(Permission::ReadScans)},
                                scanning, &listQuarantine);
    scanning.kernel.actions.add({.name = "scanning.dismiss_quarantined",
                                 .method = http::Method::Post,
                                 .route = "/v1/events/{event}/quarantine/{row}/dismiss",
                                 .summary = "Says that a row which could not be taken is nothing to look at",
                                 .policy = Policy::may(Permission::CloseIncidents),
                                 .effect = actions::Effect::Writes,
                                 .idempotency = actions::Idempotency::Optional,
                                 .audited = actions::Audited::Yes,
                                 .load = actions::LoadClass::Write},
                                scanning, &dismissAside);
    // Of no event, so that nobody who sees some events alone may read it.
    scanning.kernel.actions.add({.name = "scanning.list_strays",
                                 .method = http::Method::Get,
                                 .route = "/v1/quarantine",
                                 .summary = "Rows that devices brought and that are of no event, latest first",
                                 .policy = Policy::may(Permission::CloseIncidents)},
                                scanning, &listStrays);
    scanning.kernel.actions.add({.name = "scanning.dismiss_stray",
                                 .method = http::Method::Post,
                                 .route = "/v1/quarantine/{row}/dismiss",
                                 .summary = "Says that a row of no event is nothing to look at",
                                 .policy = Policy::may(Permission::CloseIncidents),
                                 .effect = actions::Effect::Writes,
                                 .idempotency = actions::Idempotency::Optional,
                                 .audited = actions::Audited::Yes,
                                 .load = actions::LoadClass::Write},
                                scanning, &dismissStray);
}

} // namespace voelgoed::scanning

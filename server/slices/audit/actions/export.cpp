#include "server/slices/audit/actions/export.h"

#include "server/slices/audit/actions/reading_names.h"
#include "server/slices/audit/chain.h"

#include <algorithm>
#include <charconv>

namespace voelgoed::audit {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::int32_t kMost = 5000;

constexpr pg::Sql kExport{R"(
SELECT id, at, actor_type, actor_id, actor_name, actor_role, origin, action, subject_type, subject, before, after, reason,
       request_id, address, agent, is_platform_staff, is_platform_admin, tenant_approval_reference,
       xid::text::bigint
FROM audit.entries AS l
WHERE organization_id = app.org() AND ($1::timestamptz IS NULL OR at >= $1) AND ($2::timestamptz IS NULL OR at < $2)
  AND (l.xid, l.id) > ($3::text::xid8, $4) AND l.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY l.xid, l.id LIMIT $5)"};
constexpr std::size_t kXid = 19; ///< its column

/// "12-7": transaction and number.
std::optional<Point> pointFrom(const std::string &text)
{
    Point point;
    const char *const end = text.data() + text.size();
    const auto xid = std::from_chars(text.data(), end, point.xid);
    if (xid.ec != std::errc() || xid.ptr == end || *xid.ptr != '-')
        return std::nullopt;
    const auto id = std::from_chars(xid.ptr + 1, end, point.id);
    return id.ec == std::errc() && id.ptr == end ? std::optional(point) : std::nullopt;
}

base::Json textOrNull(const std::optional<base::Instant> &instant)
{
    return instant ? base::Json(base::formatInstant(*instant)) : base::Json();
}

} // namespace

Task<Result<actions::RawAnswer>> exportTrail(Context &context, Audit &audit, ExportTrail in)
{
    Point after;
    if (in.after) {
        const auto point = pointFrom(in.after->value);
        if (!point)
            co_return context.reject("/after", "not_a_cursor", "This is not what a page before gave as Voelgoed-Next.");
        after = *point;
    }
    const std::int32_t limit = std::clamp(in.limit.value, 1, kMost);
    const auto rows = co_await context.run(
        kExport, pg::Params::of(in.from, in.until, std::to_string(after.xid), after.id, limit + 1));
    if (!rows)
        co_return rows.error();
    actions::RawAnswer answer{
        .contentType = "application/x-ndjson", .fileName = "audit.ndjson", .bytes = {}, .source = {}, .file = {}};
    const std::size_t shown = std::min(rows->size(), static_cast<std::size_t>(limit));
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < shown; ++i)
        entries.push_back(entryOf((*rows)[i]));
    if (const auto opened = co_await openNames(context, audit.names, entries); !opened)
        co_return opened.error();
    for (const Entry &entry : entries)
        answer.bytes += base::toText(actions::written(entry)) + "\n";
    if (rows->size() > shown) {
        const auto last = (*rows)[shown - 1];
        context.answerField("Voelgoed-Next", std::to_string(last.get<std::int64_t>(kXid)) + "-" +
                                                 std::to_string(last.get<std::int64_t>(0)));
    }
    context.audit({.action = {},
                   .subjectType = "audit",
                   .subject = {},
                   .before = {},
                   .after = {{"from", textOrNull(in.from)}, {"until", textOrNull(in.until)}, {"entries", shown}},
                   .reason = {}});
    co_return answer;
}

void addExportAction(Audit &audit)
{
    audit.kernel.actions.add({.name = "audit.export",
                              .method = http::Method::Get,
                              .route = "/v1/audit/export",
                              .summary = "The audit trail as lines of JSON, oldest first",
                              .policy = access::Policy::may(access::Permission::ReadAudit),
                              .audited = actions::Audited::Yes,
                              .load = actions::LoadClass::Report},
                             audit, &exportTrail);
}

} // namespace voelgoed::audit

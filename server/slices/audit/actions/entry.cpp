#include "server/slices/audit/actions/entry.h"

namespace voelgoed::audit {

namespace {

base::Json jsonOf(const pg::Rows::Row &row, std::size_t column)
{
    auto json = base::parseJson(row.get<pg::Jsonb>(column).text);
    return json ? std::move(*json) : base::Json();
}

} // namespace

Entry entryOf(const pg::Rows::Row &row)
{
    return {.id = row.get<std::int64_t>(0),
            .at = row.get<base::Instant>(1),
            .actorType = row.get<std::string>(2),
            .actorId = row.get<base::Uuid>(3),
            .actorName = row.get<std::string>(4),
            .actorRole = row.get<std::string>(5),
            .origin = row.get<std::string>(6),
            .action = row.get<std::string>(7),
            .subjectType = row.get<std::string>(8),
            .subject = row.get<std::string>(9),
            .before = jsonOf(row, 10),
            .after = jsonOf(row, 11),
            .reason = row.get<std::string>(12),
            .requestId = row.get<std::string>(13),
            .address = row.get<std::string>(14),
            .agent = row.get<std::string>(15),
            .isPlatformStaff = row.get<bool>(16),
            .isPlatformAdmin = row.get<bool>(17),
            .tenantApprovalReference = row.get<std::string>(18)};
}

} // namespace voelgoed::audit

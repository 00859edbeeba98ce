#pragma once

#include "server/slices/audit/actions/trail.h"

namespace voelgoed::audit {

struct ExportTrail
{
    std::optional<base::Instant> from, until;
    std::optional<actions::Text<60>> after; ///< Voelgoed-Next of the page before
    actions::Defaulted<std::int32_t, 1000> limit;
};
BOOST_DESCRIBE_STRUCT(ExportTrail, (), (from, until, after, limit))

/// The trail, an entry a line of JSON, in the order in which seals cover it; at most 5,000 a page.
/// What a transaction that still runs could come before is not in it yet. With more to come the answer has the field
/// Voelgoed-Next. Each page is an entry of the trail itself.
async::Task<base::Result<actions::RawAnswer>> exportTrail(actions::Context &context, Audit &audit, ExportTrail in);

void addExportAction(Audit &audit);

} // namespace voelgoed::audit

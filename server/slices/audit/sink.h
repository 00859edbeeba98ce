#pragma once

#include "server/platform/work/outgoing.h"

namespace voelgoed::audit {

/// Writes an entry in the transaction of what it is about.
class Sink final : public work::AuditSink
{
public:
    pg::Query record(const work::AuditEntry &entry, const Circumstances &circumstances) override;
};

} // namespace voelgoed::audit

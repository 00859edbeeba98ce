#pragma once

#include "server/slices/audit/names.h"

namespace voelgoed::audit {

/// Writes an entry in the transaction of what it is about.
class Sink final : public work::AuditSink
{
public:
    /// `names` outlives it.
    explicit Sink(Names &names) : m_names(names) {}

    void record(const work::AuditEntry &entry, const Circumstances &circumstances,
                std::vector<pg::Query> &last) override;

private:
    Names &m_names;
};

} // namespace voelgoed::audit

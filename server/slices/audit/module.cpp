#include "server/slices/audit/module.h"

#include "server/slices/audit/actions/export.h"
#include "server/slices/audit/actions/forget.h"
#include "server/slices/audit/actions/trail.h"
#include "server/slices/audit/event_types.h"
#include "server/slices/audit/jobs.h"
#include "server/slices/audit/migrations.h"
#include "server/slices/audit/sink.h"
#include "server/slices/audit/store.h"

namespace voelgoed::audit {

namespace {

class Module final : public platform::Slice
{
public:
    explicit Module(platform::Kernel &kernel) : m_audit(kernel), m_sink(m_audit.names)
    {
        kernel.database.setAuditSink(m_sink);
        addEventTypes(kernel.eventTypes);
        addTrailActions(m_audit);
        addExportAction(m_audit);
        addForgetAction(m_audit);
        addJobs(m_audit);
        kernel.topics.family({.pattern = topics::kAuditOfOrganization,
                              .policy = access::Policy::may(access::Permission::ReadAudit),
                              .whose = topics::Family::Whose::Organization});
        kernel.routines.add(
            {.name = "audit.seal", .period = std::chrono::minutes(1)}, [this]() -> async::Task<base::Result<void>> {
                const auto sealed = co_await sealAll(m_audit.kernel.database, m_audit.kernel.identity, m_audit.heads);
                if (!sealed)
                    co_return sealed.error();
                co_return base::Result<void>();
            });
    }

    std::string_view name() const override { return "audit"; }
    std::vector<pg::Migration> migrations() const override { return audit::migrations(); }

private:
    Audit m_audit;
    Sink m_sink;
};

} // namespace

std::unique_ptr<platform::Slice> make(platform::Kernel &kernel)
{
    return std::make_unique<Module>(kernel);
}

} // namespace voelgoed::audit

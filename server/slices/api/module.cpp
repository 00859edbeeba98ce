#include "server/slices/api/module.h"

#include "server/slices/api/actions/keys.h"
#include "server/slices/api/actions/quotas.h"
#include "server/slices/api/event_types.h"
#include "server/slices/api/migrations.h"

namespace voelgoed::api {

namespace {

constexpr std::chrono::seconds kWriteEvery{10};

class Module final : public platform::Slice
{
public:
    Module(platform::Kernel &kernel, contracts::Organizations &organizations)
        : m_api(kernel, {organizations}), m_authenticator({m_api.keys, organizations, kernel.clock})
    {
        kernel.dispatcher.addAuthenticator(m_authenticator);
        kernel.dispatcher.addThrottle(m_api.throttle);
        kernel.keys.add(kQuotaKey);
        addKeyActions(m_api);
        addEventTypes(kernel.eventTypes);
        addQuotaActions(m_api);
        kernel.topics.family({.pattern = topics::kKeysOfOrganization,
                              .policy = access::Policy::may(access::Permission::ManageApiKeys),
                              .whose = topics::Family::Whose::Organization});
        kernel.topics.stillHold(
            access::ActorKind::ApiKey, [&kernel, &organizations](std::vector<access::Actor> actors) {
                return keysStillHold({kernel.database, organizations, kernel.clock.now().wall}, std::move(actors));
            });
    }

    std::string_view name() const override { return "api"; }
    std::vector<pg::Migration> migrations() const override { return api::migrations(); }
    async::Task<base::Result<void>> start() override
    {
        async::start(m_api.kernel.executor, "use of keys", writeDown());
        co_return base::Result<void>();
    }

private:
    async::Task<void> writeDown()
    {
        for (;;) {
            co_await async::sleepFor(kWriteEvery);
            static_cast<void>(co_await m_api.usage.writeDown());
        }
    }

    Api m_api;
    KeyAuthenticator m_authenticator;
};

} // namespace

std::unique_ptr<platform::Slice> make(platform::Kernel &kernel, contracts::Organizations &organizations)
{
    return std::make_unique<Module>(kernel, organizations);
}

} // namespace voelgoed::api

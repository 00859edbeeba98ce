#include "server/slices/tenancy/module.h"

#include "server/slices/tenancy/actions/badges.h"
#include "server/slices/tenancy/actions/devices.h"
#include "server/slices/tenancy/actions/invitations.h"
#include "server/slices/tenancy/actions/members.h"
#include "server/slices/tenancy/actions/organizations.h"
#include "server/slices/tenancy/actions/passwords.h"
#include "server/slices/tenancy/actions/settings.h"
#include "server/slices/tenancy/actions/users.h"
#include "server/slices/tenancy/device_desk.h"
#include "server/slices/tenancy/device_presence.h"
#include "server/slices/tenancy/event_types.h"
#include "server/slices/tenancy/known_badges.h"
#include "server/slices/tenancy/migrations.h"
#include "server/slices/tenancy/still_hold.h"

namespace voelgoed::tenancy {

namespace {

void addTopics(platform::Kernel &kernel)
{
    using access::ActorKind;
    using access::Permission;
    using access::Policy;
    using topics::Family;
    kernel.topics.family({.pattern = topics::kTenancyOfOrganization,
                          .policy = Policy::may(Permission::SeeTeam),
                          .whose = Family::Whose::Organization});
    kernel.topics.family(
        {.pattern = topics::kTenancyOfUser, .policy = Policy::signedIn(), .whose = Family::Whose::User});
    const auto people = [&database = kernel.database](std::vector<access::Actor> actors) {
        return peopleStillHold(database, std::move(actors));
    };
    kernel.topics.stillHold(ActorKind::User, people);
    kernel.topics.stillHold(ActorKind::SuperAdmin, people);
    kernel.topics.stillHold(ActorKind::Device, [&database = kernel.database](std::vector<access::Actor> actors) {
        return devicesStillHold(database, std::move(actors));
    });
}

async::Task<base::Result<void>> pruneSessions(work::Database &database)
{
    constexpr pg::Sql kPrune{"SELECT tenancy.prune_sessions()"};
    const auto pruned = co_await database.read(work::kPlatform, kPrune);
    co_return pruned ? base::Result<void>() : base::Result<void>(pruned.error());
}

void addRoutines(platform::Kernel &kernel)
{
    using namespace std::chrono_literals;
    kernel.routines.add({.name = "tenancy.silent_devices", .period = 2s},
                        [&kernel] { return tellSilent(kernel.behind); });
    kernel.routines.add({.name = "tenancy.prune_sessions", .period = 1h},
                        [&kernel] { return pruneSessions(kernel.behind); });
}

class Module final : public platform::Slice
{
public:
    explicit Module(platform::Kernel &kernel)
        : m_tenancy(kernel),
          m_sessions(m_tenancy.sessions, kernel.clock),
          m_devices(m_tenancy.devices, kernel.redis),
          m_desk({kernel.executor, kernel.database, m_tenancy.devices}),
          m_badges(kernel)
    {
        kernel.keys.add(kRequests);
        kernel.dispatcher.addAuthenticator(m_sessions);
        kernel.dispatcher.addAuthenticator(m_devices);
        addSessionActions(m_tenancy);
        addOrganizationActions(m_tenancy);
        addSettingsActions(m_tenancy);
        addMemberActions(m_tenancy);
        addInvitationActions(m_tenancy);
        addUserActions(m_tenancy);
        addPasswordActions(m_tenancy);
        addBadgeActions(m_tenancy);
        addPairingActions(m_tenancy);
        addDeviceActions(m_tenancy);
        addTopics(kernel);
        addEventTypes(kernel.eventTypes);
        addRoutines(kernel);
    }

    std::string_view name() const override { return "tenancy"; }
    std::vector<pg::Migration> migrations() const override { return tenancy::migrations(); }
    async::Task<base::Result<void>> start() override
    {
        m_desk.start();
        co_return base::Result<void>();
    }
    contracts::Devices &devices() { return m_desk; }
    contracts::Organizations &organizations() { return m_tenancy.organizations; }
    contracts::Badges &badges() { return m_badges; }

private:
    Tenancy m_tenancy;
    SessionAuthenticator m_sessions;
    DeviceAuthenticator m_devices;
    DeviceDesk m_desk;
    KnownBadges m_badges;
};

} // namespace

Made make(platform::Kernel &kernel)
{
    auto module = std::make_unique<Module>(kernel);
    contracts::Devices *devices = &module->devices();
    contracts::Organizations *organizations = &module->organizations();
    contracts::Badges *badges = &module->badges();
    return {std::move(module), devices, organizations, badges};
}

} // namespace voelgoed::tenancy

#include "server/slices/tenancy/module.h"

#include "server/slices/tenancy/actions/badges.h"
#include "server/slices/tenancy/actions/devices.h"
#include "server/slices/tenancy/actions/members.h"
#include "server/slices/tenancy/actions/organizations.h"
#include "server/slices/tenancy/actions/settings.h"
#include "server/slices/tenancy/device_desk.h"
#include "server/slices/tenancy/migrations.h"

namespace voelgoed::tenancy {

namespace {

class Module final : public platform::Slice
{
public:
    explicit Module(platform::Kernel &kernel)
        : m_tenancy(kernel),
          m_sessions(m_tenancy.sessions, kernel.clock),
          m_devices(m_tenancy.devices),
          m_desk({kernel.executor, kernel.database, m_tenancy.devices})
    {
        kernel.dispatcher.addAuthenticator(m_sessions);
        kernel.dispatcher.addAuthenticator(m_devices);
        addSessionActions(m_tenancy);
        addOrganizationActions(m_tenancy);
        addSettingsActions(m_tenancy);
        addMemberActions(m_tenancy);
        addBadgeActions(m_tenancy);
        addPairingActions(m_tenancy);
        addDeviceActions(m_tenancy);
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

private:
    Tenancy m_tenancy;
    SessionAuthenticator m_sessions;
    DeviceAuthenticator m_devices;
    DeviceDesk m_desk;
};

} // namespace

Made make(platform::Kernel &kernel)
{
    auto module = std::make_unique<Module>(kernel);
    contracts::Devices *devices = &module->devices();
    contracts::Organizations *organizations = &module->organizations();
    return {std::move(module), devices, organizations};
}

} // namespace voelgoed::tenancy

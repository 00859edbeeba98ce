#pragma once

#include "server/contracts/devices.h"
#include "server/slices/tenancy/device_authenticator.h"

namespace voelgoed::tenancy {

/// What the exchange with devices asks of this slice.
class DeviceDesk final : public contracts::Devices
{
public:
    struct Parts
    {
        async::Executor executor;
        work::Database &database;
        DeviceCache &devices;
    };
    explicit DeviceDesk(Parts parts) : m_parts(std::move(parts)) {}

    async::Task<base::Result<std::optional<contracts::DeviceKey>>> keyIn(pg::Tx &tx, base::Uuid device) override;
    async::Task<base::Result<std::optional<contracts::DeviceKey>>> keyOf(base::Uuid organization,
                                                                         std::string device) override;
    async::Task<base::Result<std::set<contracts::DevicePosting>>>
    posted(base::Uuid organization, std::set<contracts::DevicePosting> asked) override;
    async::Task<base::Result<std::vector<contracts::DeviceCommand>>> commandsFor(base::Uuid organization,
                                                                                 base::Uuid device) override;
    async::Task<base::Result<void>> settle(base::Uuid organization, base::Uuid device,
                                           std::vector<contracts::DeviceCommandResult> results) override;
    void seen(contracts::DeviceSighting sighting) override;

    /// Begins to write down who was seen.
    void start();

private:
    async::Task<void> loop();
    async::Task<void> writeDown();

    static constexpr std::size_t kPostedKept = 100'000;

    Parts m_parts;
    std::set<std::pair<base::Uuid, contracts::DevicePosting>> m_posted; ///< which ends for none of them
    std::map<base::Uuid, contracts::DeviceSighting> m_seen;
};

} // namespace voelgoed::tenancy

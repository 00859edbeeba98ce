#pragma once

#include "server/contracts/devices.h"

namespace voelgoed::test {

/// Nobody's devices, for servers on a bench with which no device exchanges anything.
class NoDevices final : public contracts::Devices
{
public:
    async::Task<base::Result<std::optional<contracts::DeviceKey>>> keyOf(base::Uuid, std::string) override
    {
        co_return std::optional<contracts::DeviceKey>();
    }
    async::Task<base::Result<std::optional<contracts::DeviceKey>>> keyIn(pg::Tx &, base::Uuid) override
    {
        co_return std::optional<contracts::DeviceKey>();
    }
    async::Task<base::Result<std::set<contracts::DevicePosting>>> posted(base::Uuid,
                                                                         std::set<contracts::DevicePosting>) override
    {
        co_return std::set<contracts::DevicePosting>();
    }
    async::Task<base::Result<std::vector<contracts::DeviceCommand>>> commandsFor(base::Uuid, base::Uuid) override
    {
        co_return std::vector<contracts::DeviceCommand>();
    }
    async::Task<base::Result<void>> settle(base::Uuid, base::Uuid, std::vector<contracts::DeviceCommandResult>) override
    {
        co_return base::Result<void>();
    }
    void seen(contracts::DeviceSighting) override {}
};

} // namespace voelgoed::test

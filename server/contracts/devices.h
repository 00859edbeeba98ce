#pragma once

#include "server/platform/async/task.h"
#include "server/platform/pg/pool.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/base/instant.h"
#include "shared/base/uuid.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

/// What the exchange with devices asks those who keep them.
namespace voelgoed::contracts {

enum class DeviceOrder { Assign, Message, Lock, Unlock, Wipe };

/// Given to the device in each exchange until it said what became of it.
struct DeviceCommand
{
    base::Uuid id{};
    DeviceOrder order = DeviceOrder::Message;
    std::string event, gate, checkpoint; ///< with Assign
    bool isExit = false;
    std::string text; ///< with Message and Lock
};

struct DeviceCommandResult
{
    base::Uuid id{};
    std::string outcome; ///< "done", "refused", "unsupported"
    std::string note;
};

struct DeviceSighting
{
    base::Uuid organization{}, device{};
    base::Instant at;
    std::optional<std::int16_t> battery;
    std::string software;
    std::string health; ///< JSON
};

struct DeviceKey
{
    base::VerifyingKey key;
    bool isRevoked = false;
};

/// A device at an event.
struct DevicePosting
{
    std::string device, event;

    friend auto operator<=>(const DevicePosting &, const DevicePosting &) = default;
};

class Devices
{
public:
    virtual ~Devices() = default;

    /// From the hot tier. Nothing when the organization has no such device, or one that was never approved.
    virtual async::Task<base::Result<std::optional<DeviceKey>>> keyOf(base::Uuid organization, std::string device) = 0;
    /// The same inside a transaction of the organization, as it is now: asks for no other connection.
    virtual async::Task<base::Result<std::optional<DeviceKey>>> keyIn(pg::Tx &tx, base::Uuid device) = 0;

    /// Of these, the ones that are or were: the organization's devices, at events where they stand or have stood.
    virtual async::Task<base::Result<std::set<DevicePosting>>> posted(base::Uuid organization,
                                                                      std::set<DevicePosting> asked) = 0;

    virtual async::Task<base::Result<std::vector<DeviceCommand>>> commandsFor(base::Uuid organization,
                                                                              base::Uuid device) = 0;
    virtual async::Task<base::Result<void>> settle(base::Uuid organization, base::Uuid device,
                                                   std::vector<DeviceCommandResult> results) = 0;
    /// It was heard of. Cheap: written down every few seconds for all devices together.
    virtual void seen(DeviceSighting sighting) = 0;
};

} // namespace voelgoed::contracts

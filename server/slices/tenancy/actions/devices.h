#pragma once

#include "server/slices/tenancy/actions/pairing.h"

/// An organization's devices: their approval, their post, and what they are told.
namespace voelgoed::tenancy {

struct Device
{
    base::Uuid id{};
    std::string name, kind, model, software, status, digits;
    std::optional<std::string> event, gate, checkpoint;
    std::string direction;
    std::optional<base::Instant> lastSeenAt;
    std::optional<std::int16_t> battery;
    base::Json health;
    base::Instant createdAt;
    std::int32_t version = 1;
};
BOOST_DESCRIBE_STRUCT(Device, (),
                      (id, name, kind, model, software, status, digits, event, gate, checkpoint, direction, lastSeenAt,
                       battery, health, createdAt, version))

struct ListDevices
{
    std::optional<actions::Text<200>> event;
    std::optional<actions::Text<20>> status;
    std::optional<base::Uuid> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListDevices, (), (event, status, after, limit))

struct Devices
{
    std::vector<Device> data; ///< by id
    bool hasMore = false;
    std::optional<base::Uuid> next;
};
BOOST_DESCRIBE_STRUCT(Devices, (), (data, hasMore, next))

struct OneDevice
{
    base::Uuid device{};
};
BOOST_DESCRIBE_STRUCT(OneDevice, (), (device))

struct ApproveDevice
{
    base::Uuid device{};
    actions::Text<6> digits; ///< as the device shows them
    std::optional<actions::Text<500>> reason;
};
BOOST_DESCRIBE_STRUCT(ApproveDevice, (), (device, digits, reason))

struct AssignDevice
{
    base::Uuid device{};
    actions::Text<200> event;
    std::optional<actions::Text<200>> gate;
    std::optional<actions::Text<200>> checkpoint;
    std::optional<Way> direction;
    std::optional<actions::Text<500>> reason;
};
BOOST_DESCRIBE_STRUCT(AssignDevice, (), (device, event, gate, checkpoint, direction, reason))

enum class Order { Message, Lock, Unlock, Wipe };
BOOST_DESCRIBE_ENUM(Order, Message, Lock, Unlock, Wipe)

struct TellDevice
{
    base::Uuid device{};
    Order order = Order::Message;
    std::optional<actions::Text<500>> text;
    std::optional<actions::Text<500>> reason; ///< for the trail; the device is not told
};
BOOST_DESCRIBE_STRUCT(TellDevice, (), (device, order, text, reason))

struct RevokeDevice
{
    base::Uuid device{};
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(RevokeDevice, (), (device, reason))

async::Task<base::Result<Devices>> listDevices(actions::Context &context, Tenancy &tenancy, ListDevices in);
async::Task<base::Result<Device>> showDevice(actions::Context &context, Tenancy &tenancy, OneDevice in);
async::Task<base::Result<Device>> approveDevice(actions::Context &context, Tenancy &tenancy, ApproveDevice in);
async::Task<base::Result<Device>> assignDevice(actions::Context &context, Tenancy &tenancy, AssignDevice in);
async::Task<base::Result<Device>> tellDevice(actions::Context &context, Tenancy &tenancy, TellDevice in);
async::Task<base::Result<Device>> revokeDevice(actions::Context &context, Tenancy &tenancy, RevokeDevice in);

void addDeviceActions(Tenancy &tenancy);

} // namespace voelgoed::tenancy

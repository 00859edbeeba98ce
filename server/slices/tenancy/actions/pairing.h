#pragma once

#include "server/slices/tenancy/actions/sessions.h"

/// How a device and this server come to know each other (shared/protocol/pairing.h).
namespace voelgoed::tenancy {

enum class Way { Entry, Exit };
BOOST_DESCRIBE_ENUM(Way, Entry, Exit)

struct InviteDevice
{
    std::optional<actions::Text<100>> name;
    std::optional<actions::Text<200>> event;
    std::optional<actions::Text<200>> gate;
    std::optional<actions::Text<200>> checkpoint;
    std::optional<Way> direction;
};
BOOST_DESCRIBE_STRUCT(InviteDevice, (), (name, event, gate, checkpoint, direction))

struct DeviceInvitation
{
    std::string code; ///< for one use
    std::string server, pin;
    std::string qr; ///< what a device's camera reads; holds all three
    base::Instant expiresAt;
};
BOOST_DESCRIBE_STRUCT(DeviceInvitation, (), (code, server, pin, qr, expiresAt))

struct PairBody
{
    actions::RawBody body; ///< protocol::PairRequest
};
BOOST_DESCRIBE_STRUCT(PairBody, (), (body))

struct OnePairing
{
    base::Uuid pairing{};
    std::optional<std::int32_t> wait; ///< seconds, at most 20, which are also the default
};
BOOST_DESCRIBE_STRUCT(OnePairing, (), (pairing, wait))

async::Task<base::Result<DeviceInvitation>> inviteDevice(actions::Context &context, Tenancy &tenancy, InviteDevice in);
async::Task<base::Result<actions::RawAnswer>> pairDevice(actions::Context &context, Tenancy &tenancy, PairBody in);
async::Task<base::Result<actions::RawAnswer>> showPairing(actions::Context &context, Tenancy &tenancy, OnePairing in);

void addPairingActions(Tenancy &tenancy);

} // namespace voelgoed::tenancy

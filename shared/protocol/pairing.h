#pragma once

#include "shared/base/crypto/ed25519.h"
#include "shared/domain/ids.h"
#include "shared/domain/scan.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How a device and a server come to know each other.
///
///     the server shows a PairingCode as a QR code; the device reads it
///     POST /v1/devices/pair        PairRequest -> PairReply
///     both show the same six digits; people compare them and approve at the server
///     GET  /v1/devices/pair/{id}   -> PairStatus, again and again; waits up to 25 s while nothing changes
///
/// Both requests are signed by the device (request_signature.h; the first one's key is the one in its body) and both
/// answers by the server. Bodies are JSON. Fields that are not known are passed over.
namespace voelgoed::protocol {

using OneTimeCode = std::array<std::byte, 16>;

/// What the server's QR code holds.
struct PairingCode
{
    std::string server;    ///< "https://host[:port]", or "http://…" where that is meant; no path
    base::PublicKey pin{}; ///< the server's identity key
    OneTimeCode code{};    ///< for one use, within five minutes

    friend bool operator==(const PairingCode &, const PairingCode &) = default;
};

inline constexpr std::string_view kPairingPrefix = "VGPAIR1:";
inline constexpr std::size_t kPairingTextMax = 1024;

/// "VGPAIR1:" and base64url (RFC 4648, section 5, no padding) of the message `PairingCode` of pairing.proto.
std::string textOf(const PairingCode &code);
/// Invalid for anything that textOf() does not give.
base::Result<PairingCode> parsePairingCode(std::string_view text);

/// Whether a server's address is one: scheme http or https, a host, perhaps a port, nothing behind them.
base::Result<void> checkServerAddress(std::string_view address);

/// What people compare: six digits.
/// SHA-256("VG-PAIR-1\0" · server's key · device's key · code), first 8 bytes, big endian, modulo 1,000,000.
std::string pairingDigits(const base::PublicKey &server, const base::PublicKey &device, const OneTimeCode &code);

struct PairRequest
{
    OneTimeCode code{};
    domain::DeviceId device; ///< made by the device: its rows carry it
    base::PublicKey key{};
    std::string name;
    std::string model;
    std::string version;

    friend bool operator==(const PairRequest &, const PairRequest &) = default;
};

struct PairReply
{
    std::string pairing;      ///< the {id} to ask with
    std::string organization; ///< its name, for people
    std::string digits;       ///< must be the ones that the device works out

    friend bool operator==(const PairReply &, const PairReply &) = default;
};

enum class PairState : std::uint8_t { Pending, Approved, Refused, Expired };
std::string_view word(PairState state);

/// What an approved device is to do.
struct Assignment
{
    domain::OrganizationId organization;
    std::string organizationName;
    std::vector<domain::EventId> events; ///< the first is the one to begin with; may be empty: to be assigned later
    domain::GateId gate;
    domain::CheckpointId checkpoint;
    domain::Direction direction = domain::Direction::Entry;
    std::array<std::byte, 32> sealTo{}; ///< the server's X25519 key
    base::PublicKey server{};           ///< its identity key, as in the PairingCode

    friend bool operator==(const Assignment &, const Assignment &) = default;
};

struct PairStatus
{
    PairState state = PairState::Pending;
    std::optional<Assignment> assignment; ///< where it was approved

    friend bool operator==(const PairStatus &, const PairStatus &) = default;
};

std::string toJson(const PairRequest &request);
std::string toJson(const PairReply &reply);
std::string toJson(const PairStatus &status);
base::Result<PairRequest> parsePairRequest(std::string_view json);
base::Result<PairReply> parsePairReply(std::string_view json);
base::Result<PairStatus> parsePairStatus(std::string_view json);

} // namespace voelgoed::protocol

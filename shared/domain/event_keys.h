#pragma once

#include "shared/base/instant.h"
#include "shared/domain/ids.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace voelgoed::domain {

enum class SignatureAlgorithm : std::uint8_t { Ed25519 = 0 };

/// A public key that codes of an event may be signed with. A slot pins its algorithm; retiring a slot withdraws every
/// code that was signed with it.
struct KeySlot
{
    std::uint8_t slot = 0;
    SignatureAlgorithm algorithm = SignatureAlgorithm::Ed25519;
    std::array<std::byte, 32> publicKey{};
    bool retired = false;

    friend bool operator==(const KeySlot &, const KeySlot &) = default;
};

/// A public key of another system whose signed codes are accepted when they are on the list (pretix, scheme 1).
struct ForeignKey
{
    std::string system; ///< "pretix"
    std::array<std::byte, 32> publicKey{};

    friend bool operator==(const ForeignKey &, const ForeignKey &) = default;
};

/// What a gate needs to verify an event's signed codes, and to seal what it read. Public, but for `rotationKey`: whose
/// theft makes screenshots work again, not forgeries.
struct EventKeys
{
    Uuid organization{};
    Uuid event{};
    std::uint32_t shortId = 0; ///< unique in the deployment
    base::Instant hoursFrom;   ///< the windows inside codes count hours from here
    std::vector<KeySlot> keySlots;
    std::vector<ForeignKey> foreign;
    std::vector<TicketTypeId> types; ///< by the code's ticket type index
    std::vector<ZoneId> zones;       ///< by the bit of the code's zone mask, at most 16
    std::optional<std::array<std::byte, 32>> rotationKey;
    std::uint8_t rotationSeconds = 30;
    std::array<std::byte, 32> sealTo{}; ///< the server's X25519 key

    friend bool operator==(const EventKeys &, const EventKeys &) = default;
};

} // namespace voelgoed::domain

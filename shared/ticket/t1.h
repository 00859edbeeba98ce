#pragma once

#include "shared/base/bytes.h"
#include "shared/domain/ids.h"
#include "shared/ticket/key_ring.h"
#include "shared/ticket/t1_problem.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// T1, the signed code: 80 bytes, big endian. Printed as "T1" and base45 (122 characters), or as "17" and 193 decimal
/// digits for readers that pretend to be a keyboard. The base45 form may carry a rotating part (rotating.h) behind it.
///
///     0   1  version (high 4 bits, 1), algorithm (2 bits), flags (2 bits: 1 = rotating part required)
///     1   1  key slot
///     2   4  short id of the event
///     6   3  ordinal, masked (ordinal_mask.h)
///     9   1  generation
///    10   1  index of the ticket type
///    11   2  zone mask
///    13   2  valid from, hours since the event's epoch (0: no limit)
///    15   1  duration in hours (0: to the end of the event, 255: as the type says)
///    16  64  Ed25519 over "GATE-T1\0", organization UUID, event UUID, bytes 0-15
namespace voelgoed::ticket {

inline constexpr std::size_t kT1Size = 80;
inline constexpr std::size_t kT1Claimed = 16; ///< bytes before the signature
using T1Bytes = std::array<std::byte, kT1Size>;

enum class T1Form { Base45, Decimal };

/// The rotating part as it was read: ten digits of Unix time, eight digits of a one-time password.
struct RotatingPart
{
    std::int64_t unixSeconds = 0;
    std::uint32_t password = 0;

    friend bool operator==(const RotatingPart &, const RotatingPart &) = default;
};

/// A text that has the shape of a T1 code. Nothing in it can be trusted.
struct T1Code
{
    T1Bytes bytes{};
    T1Form form = T1Form::Base45;
    std::optional<RotatingPart> rotating;

    /// Which event it says it is of, so that the caller can find that event's key ring. Meaningless in other versions.
    std::uint32_t shortId() const { return base::bigEndianAt<std::uint32_t>(bytes, 2); }

    friend bool operator==(const T1Code &, const T1Code &) = default;
};

/// What a signed code says.
struct T1Claims
{
    static constexpr std::uint8_t kUntilEventEnds = 0;
    static constexpr std::uint8_t kUntilTypeSays = 255;
    static constexpr std::uint16_t kAllZones = 0xFFFF;

    std::uint8_t keySlot = 0;
    domain::Ordinal ordinal;
    std::uint8_t generation = 0;
    std::uint8_t typeIndex = 0;       ///< in the event's table
    std::uint16_t zones = kAllZones;  ///< bit i grants the event's zone i; 0 grants none
    std::uint16_t validFromHours = 0; ///< since the event's epoch; 0: no limit
    std::uint8_t durationHours = 0;   ///< from validFromHours; or one of the two constants
    bool rotating = false;            ///< must be shown with a rotating part

    friend bool operator==(const T1Claims &, const T1Claims &) = default;
};

/// When a code is good, both ends included. `untilTypeSays`: the end is for the ticket type to say.
struct T1Window
{
    std::optional<base::Instant> from;
    std::optional<base::Instant> until;
    bool untilTypeSays = false;

    friend bool operator==(const T1Window &, const T1Window &) = default;
};

/// Structure only: exactly 122, 140 or 195 characters, nothing before or after. Gives NotT1, IllegalCharacter or
/// OutOfRange for anything else. Whatever it takes, printT1() gives back to the letter.
std::variant<T1Code, T1Problem> parseT1(std::string_view text);

/// The one text of the code. A rotating part only exists in the base45 form.
std::string printT1(const T1Code &code);

/// Whether the event's signer made this. The cheap checks come first: a code of another event costs no signature (about
/// 100 µs). Does not look at the rotating part.
std::variant<T1Claims, T1Problem> verifyT1(const T1Code &code, const KeyRing &ring);

/// Cannot overflow: nothing lies after kLatest.
T1Window windowOf(const T1Claims &claims, const KeyRing &ring);

/// The first 16 bytes of the claims' code, and what is signed with them: for issue.h.
std::array<std::byte, kT1Claimed> encodeClaims(const T1Claims &claims, const KeyRing &ring);
base::Bytes signedText(base::ByteView claimed, const EventIdentity &identity);

} // namespace voelgoed::ticket

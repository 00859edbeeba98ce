#pragma once

#include "shared/base/bytes.h"
#include "shared/base/instant.h"
#include "shared/domain/ids.h"
#include "shared/domain/scan.h"

#include <array>
#include <cstdint>
#include <string>
#include <variant>

/// What a device writes down. Rows are made once, never changed, and travel as the bytes in which they were made.
namespace voelgoed::domain {

/// How far a row's corrected time can be trusted.
enum class ClockState : std::uint8_t {
    Anchored,  ///< set against the server's signed time since this boot
    Assumed,   ///< the machine's own clock, and nothing speaks against it
    Bracketed, ///< the machine's clock was behind what is known to have passed: not before `at`
};

/// How a code came in.
enum class Medium : std::uint8_t { Line, Serial, Image, Camera, Typed, Network };

/// What kind of code it was.
enum class CodeForm : std::uint8_t { Unknown, Signed, SignedRotating, Foreign, TypedFallback, PretixSigned };

/// A scan and its verdict.
struct ScanRecord
{
    CheckpointId checkpoint;
    GateId gate;
    Direction direction = Direction::Entry;
    Ordinal ordinal;             ///< 0: the code led to no ticket
    std::uint8_t generation = 0; ///< of the code that was read
    Medium medium = Medium::Line;
    CodeForm form = CodeForm::Unknown;
    CodeHash codeHash{};
    base::Bytes sealedCode; ///< what was read, for the server's eyes (base::Sealer, context: the code's hash)
    std::uint64_t sealNumber = 0;
    std::string nonce;
    std::uint16_t count = 1;
    bool confirmPending = false;
    std::map<QuestionId, std::string> answers;
    std::optional<Override> override;
    SessionId session;
    OperatorId operatedBy;
    bool test = false;
    std::string outcome; ///< the words of the verdict; texts, since a newer peer may know more of them
    std::string reason;
    std::string overridden;
    bool flagged = false;
    std::uint64_t listSequence = 0;   ///< how fresh the list was that decided
    std::string explanation;          ///< as it was shown, in English
    std::uint64_t rotatingStep = 0;   ///< of the rotating part that was accepted; 0: there was none
    std::uint16_t unlistedAdmits = 0; ///< persons, of a ticket that was in no list, as its code says; 0: it was in one

    friend bool operator==(const ScanRecord &, const ScanRecord &) = default;
};

/// Takes an earlier admission back: by an operator, or because nobody passed the turnstile.
struct UndoRecord
{
    RowKey row;
    OperatorId by;
    std::string why;
    bool notPassed = false;

    friend bool operator==(const UndoRecord &, const UndoRecord &) = default;
};

using RowHash = std::array<std::byte, 32>;
using RowContent = std::variant<ScanRecord, UndoRecord>;

struct Row
{
    RowKey key;
    RowHash previous{}; ///< hash of the device's row before; zeros for its first
    EventId event;
    base::Instant at;   ///< corrected time
    base::Instant wall; ///< what the machine's clock said
    base::Milliseconds sinceBoot{};
    ClockState clock = ClockState::Assumed;
    std::optional<std::array<std::byte, 32>>
        sealEphemeral; ///< with each sealed row of an epoch, until one is sure to be kept
    RowContent what;

    friend bool operator==(const Row &, const Row &) = default;
};

} // namespace voelgoed::domain

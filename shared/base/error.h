#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace voelgoed::base {

/// What kind of failure it was. One table maps these to HTTP (problem+json), another to words on a screen.
enum class ErrorCode {
    Invalid,      ///< the input is wrong, and would be wrong again
    NotFound,     ///< what was named does not exist (or belongs to somebody else)
    Conflict,     ///< it would contradict what is there
    Unauthorized, ///< nobody is signed in, or a signature does not hold
    Forbidden,    ///< known, and not allowed
    Unavailable,  ///< try again later
    Timeout,      ///< the deadline passed
    Corrupt,      ///< what was stored or sent cannot be trusted any more
    Unsupported,  ///< well formed, but newer or other than this build knows
    Internal,     ///< our own fault
};

/// The lower-case word for a code, as logs and `--json` output show it.
std::string_view codeWord(ErrorCode code);

/// A failure: not an outcome. A refusal, a duplicate or "offline" is a value of the function's own type.
struct Error
{
    ErrorCode code = ErrorCode::Internal;
    std::string message; ///< for the log and the technician; names the place
    std::string hint;    ///< for people: what they can do; may be empty
    std::string word{};  ///< for programs that tell this failure from others of its code: "seat_taken"; may be empty

    /// The same failure, with the place where it happened put before its message.
    [[nodiscard]] Error at(std::string_view place) const;

    friend bool operator==(const Error &, const Error &) = default;
};

inline Error invalid(std::string message, std::string hint = {})
{
    return {ErrorCode::Invalid, std::move(message), std::move(hint)};
}

inline Error corrupt(std::string message, std::string hint = {})
{
    return {ErrorCode::Corrupt, std::move(message), std::move(hint)};
}

inline Error unsupported(std::string message, std::string hint = {})
{
    return {ErrorCode::Unsupported, std::move(message), std::move(hint)};
}

} // namespace voelgoed::base

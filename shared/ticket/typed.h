#pragma once

#include "shared/base/random.h"
#include "shared/base/result.h"
#include "shared/domain/ids.h"

#include <string>
#include <string_view>

/// The fallback that is printed under a code and that staff type when it cannot be read: 13 characters of Crockford's
/// base32 (crockford.com/base32.html), 65 random bits, assigned at issue.
namespace voelgoed::ticket {

inline constexpr std::size_t kTypedLength = 13;
/// More than this was not typed from a ticket.
inline constexpr std::size_t kTypedInputMax = 64;

/// A typed code in its canonical form: 13 characters, upper case, without I, L, O and U.
struct TypedCode
{
    std::string text;

    friend bool operator==(const TypedCode &, const TypedCode &) = default;
};

TypedCode makeTyped(base::Random &random);

/// Takes what a person types: any case, I and L for 1, O for 0, blanks and hyphens anywhere. Invalid when it is not 13
/// characters of the alphabet.
base::Result<TypedCode> parseTyped(std::string_view input);

/// "7K3M-9QTX-2BDFW": groups of 4, 4 and 5, as it is printed.
std::string grouped(const TypedCode &code);

/// What it is looked up by, like a foreign code: the first 16 bytes of SHA-256 over "\0typed:" and the 13 characters.
/// Cleaned foreign codes hold no control characters, so that none has the same hash.
domain::CodeHash typedHash(const TypedCode &code);

} // namespace voelgoed::ticket

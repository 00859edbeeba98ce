#pragma once

#include "server/platform/http/message.h"

#include <string>
#include <string_view>

namespace voelgoed::http {

/// Why the server itself sends a request away.
struct Refusal
{
    int status = 400;
    std::string_view code; ///< for programs: "host_missing"
    std::string detail;    ///< for people; says nothing of what was sent

    friend bool operator==(const Refusal &, const Refusal &) = default;
};

inline Refusal badRequest(std::string_view code, std::string detail)
{
    return {400, code, std::move(detail)};
}

Refusal bodyTooLarge();
Refusal tooSlow();

/// As application/problem+json (RFC 9457).
Response problem(const Refusal &refusal);

/// "Not Found"; "Unknown" for numbers that RFC 9110 and its friends do not name.
std::string_view reasonPhrase(int status);

} // namespace voelgoed::http

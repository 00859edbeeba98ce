#pragma once

#include "server/platform/log/log.h"

namespace voelgoed::log {

inline constexpr std::string_view kMasked = "[masked]";

/// Whether a fact of this key is never shown: its words (parts between `_`, `-`, `.` or capitals) name a secret or
/// something of a person: token, password, secret, code, authorization, cookie, email, name, pin, …
bool isSecretKey(std::string_view key);

/// Whether a value looks like a secret whatever its key: a bearer token, a signed ticket code, a URL with a password, a
/// long word of letters and digits without order.
bool looksSecret(std::string_view value);

/// The facts with what must not be shown masked, and every text printable and at most 512 bytes. A `trace_id` of 32
/// hexadecimal digits stays.
std::vector<Fact> redacted(std::vector<Fact> facts);

/// A message with the secret words of it masked. Messages are constants, but a failure's text comes from elsewhere.
std::string redactedText(std::string_view text);

} // namespace voelgoed::log

#pragma once

#include "shared/base/result.h"

#include <string>
#include <string_view>

namespace voelgoed::secrets {

/// Argon2id (RFC 9106) with the OWASP's least parameters, as a PHC string. Takes some 50 ms of a processor: for
/// Workers.
std::string hashPassword(std::string_view password);
bool passwordHolds(const std::string &hash, std::string_view password);
/// A hash that no password has, so that an unknown address costs what a known one does.
const std::string &hashOfNobody();

/// Invalid, with a word and a hint, for a password of less than 10 characters, without upper case, lower case or a
/// digit, or one that everybody tries first.
base::Result<void> checkPassword(std::string_view password);

} // namespace voelgoed::secrets

#pragma once

#include "shared/base/result.h"

#include <string>
#include <string_view>

namespace voelgoed::secrets {

/// Argon2id (RFC 9106) with the OWASP's least parameters, as a PHC string. Takes some 50 ms of a processor: for
/// Workers.
std::string hashPassword(std::string_view password);
/// Also for hashes with other parameters. False for what is no such hash, or for a password that checkPassword() would
/// not take for its length.
bool passwordHolds(const std::string &hash, std::string_view password);
/// Whether the hash was made with other parameters than hashPassword() uses now: to be made anew, once its password was
/// given.
bool needsRehash(std::string_view hash);
/// A hash that no password has, so that an unknown address costs what a known one does.
const std::string &hashOfNobody();

/// Longer ones are refused unread, so that nobody has megabytes hashed.
inline constexpr std::size_t kPasswordMax = 1024;

/// Invalid, with a word and a hint, for a password of less than 10 characters or more than kPasswordMax bytes, without
/// upper case, lower case or a digit, or one that everybody tries first.
base::Result<void> checkPassword(std::string_view password);

} // namespace voelgoed::secrets

#pragma once

#include "server/platform/limits/limiter.h"

namespace voelgoed::limits {

/// Signing in: 60 a minute from one network address, 20 an hour for one e-mail address, 10 in ten minutes for both
/// together. Exact: the 61st in any minute is denied.
extern const Policy kLoginIp, kLoginAddress, kLoginBoth;
/// Asking for a new password: 30 an hour and 5 an hour.
extern const Policy kResetIp, kResetAddress;
/// Registering: 5 an hour.
extern const Policy kRegisterIp;

/// Whom a network address stands for: itself, or of an IPv6 address the /64 that one customer has.
std::string networkOf(std::string_view ip);

/// To be taken under Tag::system(), all or none.
std::vector<Ask> loginAsks(std::string_view ip, std::string_view email);
std::vector<Ask> resetAsks(std::string_view ip, std::string_view email);

} // namespace voelgoed::limits

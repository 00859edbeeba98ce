#pragma once

#include "server/platform/metrics/metrics.h"

namespace voelgoed::tenancy {

/// "ok"; "wrong": address or password; "not_active": the account is not confirmed, or disabled; "refused": anything
/// else. Those that a limit denied are not among them.
inline constexpr metrics::Family kLogins{
    "vg_logins_total", "Sign-ins, by how they ended", metrics::Kind::Counter, {"result"}};

} // namespace voelgoed::tenancy

#pragma once

#include "device/core/storage/database.h"
#include "shared/base/instant.h"

#include <cstdint>
#include <optional>
#include <string>

namespace voelgoed::sync {

/// How a device and its server stand, for people.
struct Report
{
    std::optional<base::Instant> lastExchange;     ///< when the server's last answer came, by corrected time
    std::optional<base::Milliseconds> clockOffset; ///< corrected time - what the machine's clock said then
    std::optional<bool> checksumAgrees;            ///< of the list, when both were last at the same place
    std::string trouble;                           ///< why the last exchange failed; empty: it did not
    std::uint64_t downloaded = 0;                  ///< bytes of a list that is being fetched
    std::uint32_t loaded = 0;                      ///< tickets of it

    friend bool operator==(const Report &, const Report &) = default;
};

/// Keeps the first three in the device's file, for when no gate runs, and reads them again.
base::Result<void> keepReport(storage::Database &database, const Report &report);
base::Result<Report> keptReport(storage::Database &database);

} // namespace voelgoed::sync

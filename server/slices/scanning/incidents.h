#pragma once

#include "server/slices/scanning/plan.h"

/// Which situations a batch makes known: pure.
///
/// Far gates: a place has no distance, so that two gates are far from one another for a ticket that went in through one
/// and is shown at the other, both of one checkpoint, with no exit between: whoever is inside cannot stand before
/// another door of the same place. Who is sent from door to door was not let in before, and is none.
namespace voelgoed::scanning {

inline constexpr std::int64_t kDeviceScansMin = 20; ///< of an hour: of fewer no share is worth an alarm
inline constexpr std::size_t kDeliveryRowsMin = 10; ///< the same of what was set aside
inline constexpr base::Milliseconds kRepeatsWithin = std::chrono::hours(1);

inline constexpr std::size_t kToldIdMax = 40; ///< bytes of an id: whatever devices call things, events stay small

struct SetAside
{
    std::size_t rows = 0;
    std::string reason; ///< of the first one
    base::Instant at;
};

/// What is known of a batch besides its rows.
struct Observed
{
    base::Instant receivedAt;
    std::map<std::string, DeviceSays> said;   ///< by device
    std::map<std::string, SetAside> setAside; ///< by device: rows that could not be taken, and are new
};

/// The keys of the sums that a row counts in; none for a test.
std::vector<TallyKey> tallyKeysOf(const domain::Row &row, base::Instant at);
/// What the batch adds to them.
std::map<TallyKey, Tally> talliesOf(const Facts &facts, const Plan &plan);
/// Nothing for a test, and for a row that is no scan.
const domain::ScanRecord *countedScan(const domain::Row &row);
/// Whether a scan is a Repeat.
bool isRepeat(const domain::ScanRecord &scan);

/// In a fixed order; at most one for each kind and subject.
std::vector<Incident> incidentsOf(const Facts &facts, const Plan &plan, const Observed &observed);
/// Those of tickets that were shown once more.
std::vector<Incident> ticketIncidents(const Facts &facts, const Plan &plan);

} // namespace voelgoed::scanning

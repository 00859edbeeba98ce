#pragma once

#include "server/slices/scanning/incidents.h"
#include "server/slices/scanning/store.h"

/// How situations that somebody should look at are read and written.
namespace voelgoed::scanning {

/// What is read with a batch's facts, in their round trip: so many statements, and what their answers say.
std::vector<pg::Query> watchQueries(const base::Uuid &event, const std::vector<const Brought *> &rows);
base::Result<void> readWatch(std::span<const pg::Rows> answers, Facts &facts);

/// Works out a plan's sums and incidents. One that is open already is not new; one that was closed after the situation
/// is left out, so that what comes late or again raises nothing twice. Asks the database only where there is something.
async::Task<base::Result<void>> findIncidents(pg::Tx &tx, const Facts &facts, const Batch &batch, Plan &plan);

/// One that no batch brought: written and told in the unit's transaction.
async::Task<base::Result<void>> raiseIncident(work::UnitOfWork &unit, base::Uuid event, Incident incident,
                                              base::Random &random);

inline constexpr std::chrono::hours kTalliesKept{90 * 24};

/// Removes sums that are older than kTalliesKept, of all organizations.
async::Task<base::Result<void>> pruneTallies(work::Database &database);

void addIncidents(const Plan &plan, const Batch &batch, base::Random &random, std::vector<pg::Query> &out);

} // namespace voelgoed::scanning

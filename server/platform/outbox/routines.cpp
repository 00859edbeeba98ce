#include "server/platform/outbox/relay.h"

namespace voelgoed::outbox {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr std::int32_t kPruneMax = 5'000; ///< rows of one statement
constexpr int kRoundsMax = 200;

constexpr pg::Sql kPrune{"SELECT platform.prune_outbox(now() - interval '2 days', $1, $2)"};
constexpr pg::Sql kPruneInbox{"SELECT platform.prune_inbox(now() - interval '45 days', $1)"};

Task<Result<void>> prune(work::Database &database, const Consumers &consumers)
{
    std::vector<std::string> readers;
    readers.emplace_back("topics");
    for (const Consumer &consumer : consumers.all())
        readers.push_back(consumer.reader());
    for (int round = 0; round < kRoundsMax; ++round) {
        const auto events = co_await database.read(work::kPlatform, kPrune, pg::Params::of(readers, kPruneMax));
        if (!events)
            co_return events.error();
        const auto notes = co_await database.read(work::kPlatform, kPruneInbox, pg::Params::of(kPruneMax));
        if (!notes)
            co_return notes.error();
        if (events->front().get<std::int64_t>(0) < kPruneMax && notes->front().get<std::int64_t>(0) < kPruneMax)
            break;
    }
    co_return Result<void>();
}

} // namespace

void addRoutines(work::Routines &routines, work::Database &database, const Consumers &consumers)
{
    routines.add({.name = "outbox.prune", .period = 10min},
                 [&database, &consumers] { return prune(database, consumers); });
}

} // namespace voelgoed::outbox

#include "server/platform/outbox/relay.h"
#include "server/platform/work/pruning.h"

namespace voelgoed::outbox {

using async::Task;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr pg::Sql kPrune{"SELECT platform.prune_outbox(now() - interval '2 days', $1, $2)"};
constexpr pg::Sql kPruneInbox{"SELECT platform.prune_inbox(now() - interval '45 days', $1)"};

Task<Result<void>> prune(work::Database &database, const Consumers &consumers)
{
    std::vector<std::string> readers;
    readers.emplace_back("topics");
    for (const Consumer &consumer : consumers.all())
        readers.push_back(consumer.reader());
    if (const auto events = co_await work::pruneInRounds(database, kPrune, pg::Params::of(readers)); !events)
        co_return events.error();
    co_return co_await work::pruneInRounds(database, kPruneInbox);
}

} // namespace

void addRoutines(work::Routines &routines, work::Database &database, const Consumers &consumers)
{
    routines.add({.name = "outbox.prune", .period = 10min},
                 [&database, &consumers] { return prune(database, consumers); });
}

} // namespace voelgoed::outbox

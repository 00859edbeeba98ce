#pragma once

#include "server/platform/kernel/kernel.h"
#include "server/platform/kernel/slice.h"
#include "tests/support/hand_clock.h"
#include "tests/support/services.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// A server inside a test program: real slices over the real dispatcher and a real Postgres, with a clock that the test
/// sets and chance that repeats itself. No listener, and nothing runs by itself: a test calls actions and routines.
/// Every event that is told is held against what its slice registered (checkEvent), at the latest when the bench goes.
///
///     test::Postgres postgres;                                              // once for a program
///     test::ServerBench bench(postgres, {audit::make});                     // a database of its own
///     const auto owner = test::member(test::tenant(1), access::Role::Owner);
///     const auto made = bench.call({owner, http::Method::Post, "/v1/events", body});
///     QCOMPARE(made.status, 201);
namespace voelgoed::test {

struct Ask
{
    access::Actor actor;
    http::Method method = http::Method::Get;
    std::string target;                                        ///< "/v1/events?limit=2"
    base::Json body{};                                         ///< null: none; a text goes as it is, not as JSON
    std::vector<std::pair<std::string, std::string>> fields{}; ///< {"If-Match", "\"1\""}
    std::string peer = "192.0.2.1";
};

struct Reply
{
    int status = 0;
    base::Json json; ///< null where the body is no JSON
    std::string body;
    http::Fields fields;

    std::string code() const;                       ///< of a problem: "invalid_input"; else empty
    std::string pointer() const;                    ///< of a problem's first error: "/event/name"; else empty
    std::string text(std::string_view field) const; ///< of the object that was answered; empty for what is no text
};

/// Organizations, and who asks: one and the same for the same arguments.
base::Uuid tenant(unsigned char number);
access::Actor member(const base::Uuid &organization, access::Role role);
access::Actor superAdmin(const base::Uuid &organization, std::string reason);
access::Actor deviceAt(const base::Uuid &organization, std::string event, std::string gate);

class ServerBench
{
public:
    using MakeSlice = std::function<std::unique_ptr<platform::Slice>(platform::Kernel &)>;
    struct Options
    {
        std::string redis = "unix:/nonexistent/redis"; ///< none: the server does without
        std::size_t connections = 4;
        std::size_t callsMax = 2'000; ///< at once
    };

    /// On a fresh database with the migrations of these slices, which are made and started in this order.
    ServerBench(Postgres &postgres, std::vector<MakeSlice> slices);
    ServerBench(Postgres &postgres, std::vector<MakeSlice> slices, Options options);
    /// A second server on the database, the clock and the thread of another, which outlives it.
    ServerBench(ServerBench &beside, std::vector<MakeSlice> slices);
    ~ServerBench();
    ServerBench(const ServerBench &) = delete;
    ServerBench &operator=(const ServerBench &) = delete;

    Reply call(Ask ask);
    /// All at once; replies in the order of the asks.
    std::vector<Reply> callAll(std::vector<Ask> asks);
    /// Does what a routine does, once ("events.move_due"). The failure, or nothing.
    std::optional<base::Error> runRoutine(std::string_view name);

    /// Waits for a coroutine of the test's own.
    template <class T>
    T run(async::Task<T> task);
    void run(async::Task<void> task);

    support::HandClock &clock();
    platform::Kernel &kernel();
    work::Database &database();
    const std::string &databaseName() const;

    /// SQL as the superuser; the first cell of the last result.
    std::string execute(const std::string &sql) const;
    /// SQL as the server's own role, for an organization; what PostgreSQL said against it, or nothing.
    std::string attempt(const base::Uuid &organization, const std::string &sql) const;
    /// What lies in the outbox, oldest first: {"topic", "event"}, each event as it travels.
    std::vector<base::Json> events(const base::Uuid &organization) const;
    /// Rows of audit.log, oldest first.
    std::vector<base::Json> audits(const base::Uuid &organization) const;

private:
    struct World;
    struct Node;
    void makeNode(std::vector<MakeSlice> slices, Options options);
    std::vector<base::Json> rowsOf(const std::string &select) const;

    std::shared_ptr<World> m_world;
    std::unique_ptr<Node> m_node;
};

template <class T>
T ServerBench::run(async::Task<T> task)
{
    std::optional<T> value;
    const auto keep = [](async::Task<T> waited, std::optional<T> *out) -> async::Task<void> {
        *out = co_await std::move(waited);
    };
    run(keep(std::move(task), &value));
    return *std::move(value);
}

} // namespace voelgoed::test

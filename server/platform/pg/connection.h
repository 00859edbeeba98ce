#pragma once

#include "server/platform/async/task.h"
#include "server/platform/pg/sql_state.h"
#include "server/platform/pg/statement.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

struct pg_conn;
struct pg_result;

/// The only door to libpq. Inside this folder; others have Pool and Tx.
namespace voelgoed::pg {

struct ConnectOptions
{
    std::string url;
    std::string applicationName;
    base::Milliseconds connectMax{5'000};
    base::Milliseconds statementMax{10'000}; ///< 0: none
};

/// A statement on its way. Borrows both.
struct Statement
{
    const char *text;
    const Params *params;
    enum class Kept {
        Prepared, ///< once a connection; the text's address is its name
        Once      ///< for texts that are made up
    } kept = Kept::Prepared;
};

/// What a batch came to. Statements up to the first failure have run; nothing behind it has.
struct Answers
{
    std::vector<Rows> rows;           ///< of those that have run, in order
    std::string lastTag;              ///< "INSERT 0 1", "COMMIT"
    std::optional<base::Error> error; ///< what PostgreSQL said of the statement behind those
    std::optional<base::Error> lost;  ///< the connection broke before the batch's end was heard of

    bool isWhole() const { return !error && !lost; }
    const base::Error &failure() const { return error ? *error : *lost; }
};

/// One connection, in pipeline mode. One batch at a time.
class Connection
{
public:
    static async::Task<base::Result<std::unique_ptr<Connection>>> open(async::Executor executor,
                                                                       ConnectOptions options);
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    /// Sends the statements and one sync together, and waits for what comes back: one round trip. Without a BEGIN in it
    /// a batch is a transaction.
    async::Task<Answers> run(std::vector<Statement> statements);

    /// Runs a script of several statements, without parameters, by the simple protocol. Also inside a
    /// transaction, and so as to begin or end one.
    async::Task<base::Result<void>> script(std::string sql);

    /// Nothing runs on it, and it is in no transaction.
    bool isAtRest() const;
    /// Nothing runs on it, and a transaction is open or failed.
    bool isInTransaction() const;
    /// At rest, and nothing was heard of its end. Looks at the socket.
    bool isAlive();

private:
    struct Close
    {
        void operator()(pg_conn *connection) const;
    };
    /// A result that is expected.
    struct Command
    {
        const char *text = nullptr; ///< prepared by this; null: a statement that runs
        std::vector<std::uint32_t> types;
        std::string name;
    };
    struct Prepared
    {
        std::vector<std::uint32_t> types;
        std::string name;
    };
    struct Alarm
    {
        Connection *of;
    };
    enum class Wanted { Reading, Both };

    Connection(async::Executor executor, std::unique_ptr<pg_conn, Close> connection, ConnectOptions options);

    enum class Sent { Yes, No };
    Sent send(const Statement &statement, std::vector<Command> &commands);
    const std::string *nameOf(const char *text, const std::vector<std::uint32_t> &types,
                              const std::vector<Command> &coming) const;
    async::Task<void> receive(const std::vector<Command> &commands, Answers &answers);
    async::Task<bool> arrive();
    void take(std::shared_ptr<pg_result> result, const Command *command, Answers &answers);
    base::Error brokenOff();
    async::Task<void> ready(Wanted wanted);
    void setAlarm(std::size_t statements);

    async::Executor m_executor;
    ConnectOptions m_options;
    std::unique_ptr<pg_conn, Close> m_connection;
    boost::asio::posix::stream_descriptor m_socket; ///< a duplicate of libpq's, so that each closes its own
    boost::asio::steady_timer m_deadline;
    std::shared_ptr<Alarm> m_alarm;
    std::unordered_map<const char *, std::vector<Prepared>> m_prepared;
    std::size_t m_names = 0;
    enum class Health { Sound, Stale, Broken } m_health = Health::Sound; ///< Stale: not to be used again
    bool m_running = false;
    bool m_late = false;
    std::uint64_t m_batches = 0;
};

} // namespace voelgoed::pg

#include "server/platform/supervisor/postgres_cluster.h"

#include "server/platform/supervisor/files.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <signal.h>
#include <sys/un.h>
#include <unistd.h>

namespace voelgoed::supervisor {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr const char *kUser = "postgres";
constexpr const char *kSocket = "/run/.s.PGSQL.5432"; // the number is a name: nothing listens on a port

// Debian keeps the programs of each version in a folder of their own, and none of them on the PATH.
std::string findBinaries()
{
    int best = 0;
    std::error_code code;
    for (const auto &entry : fs::directory_iterator("/usr/lib/postgresql", code)) {
        const std::string name = entry.path().filename().string();
        int version = 0;
        std::from_chars(name.data(), name.data() + name.size(), version);
        if (version > best && fs::exists(entry.path() / "bin/postgres") && fs::exists(entry.path() / "bin/initdb"))
            best = version;
    }
    if (best > 0)
        return "/usr/lib/postgresql/" + std::to_string(best) + "/bin";
    return {};
}

std::size_t memoryMb()
{
    return static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) /
           (1024 * 1024);
}

Error failure(const std::string &doing, const std::error_code &code)
{
    return {ErrorCode::Unavailable, doing + ": " + code.message(), {}};
}

// Parameters for an appliance: nobody tunes it, and several services share the machine. Terse errors and no statements:
// rows belong into tables, not into logs.
constexpr const char *kAppliance = R"(
listen_addresses = ''
unix_socket_permissions = 0700
port = 5432
superuser_reserved_connections = 3
work_mem = 8MB
maintenance_work_mem = 64MB
wal_level = replica
wal_compression = on
min_wal_size = 80MB
max_wal_size = 1GB
checkpoint_timeout = 10min
random_page_cost = 1.1
effective_io_concurrency = 100
jit = off
autovacuum_naptime = 10s
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C.UTF-8'
logging_collector = on
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_file_mode = 0600
log_line_prefix = '%m [%p] %q%u %a '
log_error_verbosity = terse
log_min_error_statement = panic
log_statement = 'none'
log_checkpoints = off
log_lock_waits = on
)";

constexpr const char *kFull = "fsync = on\nsynchronous_commit = on\nfull_page_writes = on\n";
constexpr const char *kNone = "fsync = off\nsynchronous_commit = on\nfull_page_writes = off\n";

// Who can reach the socket is root or the cluster's own user.
constexpr const char *kHba = "local all all trust\n";

} // namespace

PostgresCluster::PostgresCluster(PostgresOptions options, std::string binaries, std::optional<Account> account)
    : m_options(std::move(options)),
      m_initdb(binaries + "/initdb"),
      m_postgres(binaries + "/postgres"),
      m_account(std::move(account))
{}

Result<PostgresCluster> PostgresCluster::at(PostgresOptions options)
{
    options.folder = fs::absolute(options.folder).lexically_normal().string();
    if (options.folder.size() + std::string_view(kSocket).size() >= sizeof(sockaddr_un::sun_path))
        return base::invalid("the path of " + options.folder + " is too long for a socket", "use a shorter one");
    const std::string binaries = options.binaries.empty() ? findBinaries() : options.binaries;
    if (binaries.empty())
        return Error{ErrorCode::NotFound, "PostgreSQL is not installed", "install the package postgresql-15"};
    auto account = accountFor(kUser);
    if (!account)
        return account.error();
    if (auto made = makePassable(options.folder, *account); !made)
        return made.error();
    for (const char *part : {"/run", "/log"}) {
        if (auto made = makePrivate(options.folder + part, *account); !made)
            return made.error();
    }
    return PostgresCluster(std::move(options), binaries, std::move(*account));
}

bool PostgresCluster::exists() const
{
    return fs::exists(dataFolder() + "/PG_VERSION");
}

Result<Program> PostgresCluster::making() const
{
    // Made beside its place, so that what was broken off is never taken for a cluster.
    const std::string beside = dataFolder() + ".new";
    std::error_code code;
    fs::remove_all(beside, code);
    if (code)
        return failure("taking away " + beside, code);
    if (auto made = makePrivate(beside, m_account); !made)
        return made.error();
    Program program{.path = m_initdb,
                    .arguments = {"--pgdata=" + beside, "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                                  "--data-checksums", "--auth=trust", "--no-instructions"},
                    .folder = "/",
                    .log = startLog(),
                    .account = m_account,
                    .whenWeDie = SIGKILL};
    if (m_options.durability == PostgresOptions::Durability::None)
        program.arguments.push_back("--no-sync");
    return program;
}

Result<void> PostgresCluster::finishMaking() const
{
    std::error_code code;
    fs::rename(dataFolder() + ".new", dataFolder(), code);
    if (code)
        return failure("moving the new cluster into its place", code);
    // What is in it from here on must not lie in a place that the next start clears away.
    const int folder = ::open(fs::path(dataFolder()).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool isKept = folder >= 0 && ::fsync(folder) == 0;
    const int why = errno;
    if (folder >= 0)
        ::close(folder);
    if (!isKept)
        return failure("keeping the new cluster's place", std::error_code(why, std::generic_category()));
    return {};
}

std::string PostgresCluster::settings() const
{
    const std::size_t buffers =
        m_options.sharedBuffersMb ? m_options.sharedBuffersMb : std::clamp<std::size_t>(memoryMb() / 8, 64, 1024);
    const auto path = [&](const char *name, const std::string &value) {
        return std::string(name) + " = " + inQuotes(value, '\'') + "\n";
    };
    return "# Written anew at each start.\n" + path("data_directory", dataFolder()) +
           path("hba_file", m_options.folder + "/pg_hba.conf") +
           path("ident_file", m_options.folder + "/pg_ident.conf") +
           path("unix_socket_directories", m_options.folder + "/run") +
           path("log_directory", m_options.folder + "/log") +
           "max_connections = " + std::to_string(m_options.connectionsMax) +
           "\nshared_buffers = " + std::to_string(buffers) +
           "MB\neffective_cache_size = " + std::to_string(std::max<std::size_t>(memoryMb() / 2, 128)) + "MB\n" +
           (m_options.durability == PostgresOptions::Durability::Full ? kFull : kNone) + kAppliance;
}

Result<void> PostgresCluster::prepareStart() const
{
    const std::pair<const char *, std::string> kFiles[]{
        {"/postgresql.conf", settings()}, {"/pg_hba.conf", kHba}, {"/pg_ident.conf", ""}};
    for (const auto &[name, text] : kFiles) {
        if (auto written = writeSettings(m_options.folder + name, text); !written)
            return written;
    }
    // After a crash of the machine another process may have the number in these, and PostgreSQL would wait for it.
    for (const std::string &lock : {dataFolder() + "/postmaster.pid", m_options.folder + kSocket + ".lock",
                                    m_options.folder + kSocket, startLog()}) {
        std::error_code code;
        fs::remove(lock, code);
        if (code)
            return failure("taking away " + lock, code);
    }
    return {};
}

Program PostgresCluster::server() const
{
    // Without us it shuts down at once (SIGQUIT), taking its own children along; what was committed stays.
    return {.path = m_postgres,
            .arguments = {"-c", "config_file=" + m_options.folder + "/postgresql.conf"},
            .folder = "/",
            .log = startLog(),
            .account = m_account,
            .whenWeDie = SIGQUIT};
}

bool PostgresCluster::isReady(pid_t server) const
{
    // Its first line is its number, its eighth how it is.
    std::ifstream in(dataFolder() + "/postmaster.pid");
    std::string line, first;
    for (int number = 1; std::getline(in, line); ++number) {
        if (number == 1)
            first = line;
        if (number == 8)
            return first == std::to_string(server) && line.compare(0, 5, "ready") == 0;
    }
    return false;
}

std::string PostgresCluster::url(std::string_view role, std::string_view database) const
{
    return "host=" + inQuotes(m_options.folder + "/run", '\'') + " port=5432 user=" + inQuotes(role, '\'') +
           " dbname=" + inQuotes(database, '\'');
}

} // namespace voelgoed::supervisor

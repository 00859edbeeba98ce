#include "server/platform/supervisor/redis_folder.h"

#include "server/platform/supervisor/files.h"

#include <filesystem>

#include <signal.h>
#include <sys/un.h>

namespace voelgoed::supervisor {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr const char *kUser = "redis";
constexpr const char *kSocket = "/run/redis.sock";
constexpr std::uintmax_t kLogMax = 8 * 1024 * 1024;

constexpr const char *kAppliance = R"(
unixsocketperm 700
daemonize no
supervised no
logfile ""
loglevel notice
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
protected-mode yes
timeout 0
tcp-keepalive 60
lua-time-limit 5000
)";

std::string findProgram()
{
    for (const char *path : {"/usr/bin/redis-server", "/usr/local/bin/redis-server"}) {
        if (fs::exists(path))
            return path;
    }
    return {};
}

} // namespace

RedisFolder::RedisFolder(RedisOptions options, std::string program, std::optional<Account> account)
    : m_options(std::move(options)), m_program(std::move(program)), m_account(std::move(account))
{}

Result<RedisFolder> RedisFolder::at(RedisOptions options)
{
    options.folder = fs::absolute(options.folder).lexically_normal().string();
    if (options.folder.size() + std::string_view(kSocket).size() >= sizeof(sockaddr_un::sun_path))
        return base::invalid("the path of " + options.folder + " is too long for a socket", "use a shorter one");
    std::string program = findProgram();
    if (program.empty())
        return Error{ErrorCode::NotFound, "Redis is not installed", "install the package redis-server"};
    auto account = accountFor(kUser);
    if (!account)
        return account.error();
    if (auto made = makePassable(options.folder, *account); !made)
        return made.error();
    for (const char *part : {"/run", "/data"}) {
        if (auto made = makePrivate(options.folder + part, *account); !made)
            return made.error();
    }
    return RedisFolder(std::move(options), std::move(program), std::move(*account));
}

Result<void> RedisFolder::prepareStart() const
{
    std::string text = "# Written anew at each start.\nunixsocket " + inQuotes(socket(), '"') + "\ndir " +
                       inQuotes(dataFolder(), '"') + kAppliance;
    if (m_options.maxMemoryMb > 0)
        text += "maxmemory " + std::to_string(m_options.maxMemoryMb) + "mb\n";
    if (const auto &ports = m_options.cluster)
        text += "bind 127.0.0.1\nport " + std::to_string(ports->commands) + "\ncluster-port " +
                std::to_string(ports->bus) + "\ncluster-enabled yes\ncluster-config-file nodes.conf\n";
    else
        text += "port 0\n";
    std::error_code code;
    fs::remove(socket(), code);
    if (fs::exists(log(), code) && fs::file_size(log(), code) > kLogMax)
        fs::rename(log(), log() + ".1", code);
    return writeSettings(m_options.folder + "/redis.conf", text);
}

Program RedisFolder::server() const
{
    // It hands each command to the operating system before it answers, so that nothing is lost by a kill.
    return {.path = m_program,
            .arguments = {m_options.folder + "/redis.conf"},
            .folder = dataFolder(),
            .log = log(),
            .account = m_account,
            .whenWeDie = SIGKILL};
}

std::string RedisFolder::socket() const
{
    return m_options.folder + kSocket;
}

std::string RedisFolder::url() const
{
    if (const auto &ports = m_options.cluster)
        return "redis://127.0.0.1:" + std::to_string(ports->commands);
    return "unix:" + socket();
}

} // namespace voelgoed::supervisor

#include "tests/support/redis_process.h"

#include "server/platform/redis/slot.h"
#include "shared/base/ensure.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <netinet/in.h>
#include <random>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace voelgoed::test {

using base::ensure;
namespace fs = std::filesystem;

namespace {

constexpr auto kPatience = std::chrono::seconds(60);
constexpr int kClusterPortAbove = 10'000; // a node talks to its like there

redis::Reply converted(const redisReply &reply)
{
    switch (reply.type) {
    case REDIS_REPLY_INTEGER:
        return {std::int64_t{reply.integer}};
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        return {std::string(reply.str, reply.len)};
    case REDIS_REPLY_ARRAY: {
        std::vector<redis::Reply> list;
        for (std::size_t i = 0; i < reply.elements; ++i)
            list.push_back(converted(*reply.element[i]));
        return {std::move(list)};
    }
    default:
        return {};
    }
}

bool isFree(std::uint16_t port)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(descriptor, reinterpret_cast<const sockaddr *>(&place), sizeof place) == 0;
    ::close(descriptor);
    return free;
}

/// A port that nobody has, below those that the system hands out by itself.
std::uint16_t freePort()
{
    static std::mt19937 random(std::random_device{}());
    for (;;) {
        const auto port = std::uniform_int_distribution<int>(11'000, 21'000)(random);
        if (isFree(static_cast<std::uint16_t>(port)) && isFree(static_cast<std::uint16_t>(port + kClusterPortAbove)))
            return static_cast<std::uint16_t>(port);
    }
}

template <class Condition>
void waitUntil(Condition holds, const char *what)
{
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
        ensure(std::chrono::steady_clock::now() < end, what);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

} // namespace

RedisProcess::RedisProcess(Kind kind, Files files, std::vector<std::string> settings)
    : m_kind(kind), m_files(files), m_settings(std::move(settings))
{
    std::string pattern = fs::temp_directory_path() / "vg-redis-XXXXXX";
    ensure(::mkdtemp(pattern.data()) != nullptr, "a folder for Redis");
    m_folder = pattern;
    m_nodes.resize(kind == Kind::ClusterOfThree ? 3 : 1);
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        m_nodes[i].folder = m_folder / std::to_string(i);
        fs::create_directory(m_nodes[i].folder);
        m_nodes[i].port = kind == Kind::Alone ? 0 : freePort();
        launch(m_nodes[i]);
    }
    if (kind == Kind::ClusterOfOne || kind == Kind::ClusterOfThree)
        makeCluster();
}

RedisProcess::~RedisProcess()
{
    for (std::size_t i = 0; i < m_nodes.size(); ++i)
        kill(i);
    std::error_code ignored;
    fs::remove_all(m_folder, ignored);
}

std::string RedisProcess::url(std::size_t node) const
{
    if (m_nodes[node].port == 0)
        return "unix:" + (m_nodes[node].folder / "redis.sock").string();
    return "redis://127.0.0.1:" + std::to_string(m_nodes[node].port);
}

void RedisProcess::launch(Node &node)
{
    std::vector<std::string> words{"redis-server", "--dir",     node.folder,
                                   "--save",       "",          "--bind",
                                   "127.0.0.1",    "--port",    std::to_string(node.port),
                                   "--logfile",    "redis.log", "--enable-debug-command",
                                   "yes"};
    if (node.port == 0)
        words.insert(words.end(), {"--unixsocket", node.folder / "redis.sock"});
    if (m_kind == Kind::ClusterOfOne || m_kind == Kind::ClusterOfThree)
        words.insert(words.end(), {"--cluster-enabled", "yes", "--cluster-node-timeout", "2000"});
    if (m_files == Files::Append)
        words.insert(words.end(), {"--appendonly", "yes", "--appendfsync", "always"});
    words.insert(words.end(), m_settings.begin(), m_settings.end());
    std::vector<char *> arguments;
    for (std::string &word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    node.process = ::fork();
    ensure(node.process >= 0, "no process for Redis");
    if (node.process == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL); // it must not outlive a test that fails
        if (::getppid() != parent)
            ::_exit(1);
        const int nowhere = ::open("/dev/null", O_RDWR);
        ::dup2(nowhere, 0);
        ::dup2(nowhere, 1);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    waitUntil(
        [&] {
            ensure(::waitpid(node.process, nullptr, WNOHANG) == 0, "redis-server ended: is it installed?");
            return answers(node);
        },
        "Redis does not answer");
}

namespace {

using Context = std::unique_ptr<redisContext, void (*)(redisContext *)>;
using RawReply = std::unique_ptr<void, void (*)(void *)>;

Context connected(const fs::path &folder, std::uint16_t port)
{
    const timeval patience{30, 0};
    redisContext *context = port == 0 ? redisConnectUnixWithTimeout((folder / "redis.sock").c_str(), patience)
                                      : redisConnectWithTimeout("127.0.0.1", port, patience);
    if (context)
        redisSetTimeout(context, patience);
    return {context, redisFree};
}

RawReply asked(redisContext *context, const std::vector<std::string> &words)
{
    std::vector<const char *> texts;
    std::vector<std::size_t> sizes;
    for (const std::string &word : words) {
        texts.push_back(word.data());
        sizes.push_back(word.size());
    }
    return {redisCommandArgv(context, static_cast<int>(words.size()), texts.data(), sizes.data()), freeReplyObject};
}

} // namespace

/// Any answer but that it is still loading: also that nobody signed in.
bool RedisProcess::answers(const Node &node) const
{
    const Context context = connected(node.folder, node.port);
    if (!context || context->err)
        return false;
    const RawReply reply = asked(context.get(), {"PING"});
    const auto *said = static_cast<const redisReply *>(reply.get());
    return said && (said->type != REDIS_REPLY_ERROR || std::string_view(said->str).starts_with("NOAUTH"));
}

redis::Reply RedisProcess::command(const std::vector<std::string> &words, std::size_t node) const
{
    const Context context = connected(m_nodes[node].folder, m_nodes[node].port);
    ensure(context && !context->err, "no connection to Redis");
    const auto password = std::find(m_settings.begin(), m_settings.end(), "--requirepass");
    if (password != m_settings.end())
        asked(context.get(), {"AUTH", *std::next(password)});
    const RawReply reply = asked(context.get(), words);
    const auto *said = static_cast<const redisReply *>(reply.get());
    ensure(said != nullptr, "no answer from Redis");
    ensure(said->type != REDIS_REPLY_ERROR, said->str);
    return converted(*said);
}

void RedisProcess::signal(std::size_t node, int number)
{
    ensure(m_nodes[node].process > 0 && ::kill(m_nodes[node].process, number) == 0, "no Redis to send a signal to");
}

void RedisProcess::kill(std::size_t node)
{
    if (m_nodes[node].process == 0)
        return;
    signal(node, SIGKILL);
    ::waitpid(m_nodes[node].process, nullptr, 0);
    m_nodes[node].process = 0;
}

void RedisProcess::stop(std::size_t node)
{
    signal(node, SIGTERM);
    ::waitpid(m_nodes[node].process, nullptr, 0);
    m_nodes[node].process = 0;
}

void RedisProcess::pause(std::size_t node)
{
    signal(node, SIGSTOP);
}

void RedisProcess::resume(std::size_t node)
{
    signal(node, SIGCONT);
}

void RedisProcess::start(std::size_t node)
{
    ensure(m_nodes[node].process == 0, "Redis runs already");
    launch(m_nodes[node]);
    if (!m_nodes[node].id.empty())
        waitForSlots(m_nodes[node]);
}

void RedisProcess::flush() const
{
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        command({"FLUSHALL"}, i);
        command({"SCRIPT", "FLUSH"}, i);
    }
}

std::vector<std::string> RedisProcess::complaints(const redis::KeyRegistry &registry) const
{
    std::vector<std::string> complaints;
    for (std::size_t node = 0; node < m_nodes.size(); ++node) {
        std::string cursor = "0";
        do {
            const redis::Reply page = command({"SCAN", cursor, "COUNT", "1000"}, node);
            cursor = *(*page.list())[0].text();
            for (const redis::Reply &item : *(*page.list())[1].list()) {
                const std::string key = *item.text();
                const std::string type = *command({"TYPE", key}, node).text();
                const auto left = *command({"PTTL", key}, node).integer();
                const auto term = left >= 0 ? std::optional(base::Milliseconds(left)) : std::nullopt;
                const auto complaint = registry.complaint({key, type, term});
                const bool gone = type == "none" || left == -2;
                if (!gone && complaint)
                    complaints.push_back(*complaint);
            }
        } while (cursor != "0");
    }
    return complaints;
}

void RedisProcess::makeCluster()
{
    const std::size_t each = redis::kSlots / m_nodes.size();
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        const std::size_t last = i + 1 == m_nodes.size() ? redis::kSlots - 1 : (i + 1) * each - 1;
        command({"CLUSTER", "ADDSLOTSRANGE", std::to_string(i * each), std::to_string(last)}, i);
        command({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)}, i);
        m_nodes[i].id = *command({"CLUSTER", "MYID"}, i).text();
    }
    for (std::size_t i = 1; i < m_nodes.size(); ++i)
        command({"CLUSTER", "MEET", "127.0.0.1", std::to_string(m_nodes[i].port)}, 0);
    for (const Node &node : m_nodes)
        waitForSlots(node);
}

void RedisProcess::waitForSlots(const Node &node) const
{
    const auto at = static_cast<std::size_t>(&node - m_nodes.data());
    waitUntil(
        [&] {
            const std::string info = *command({"CLUSTER", "INFO"}, at).text();
            const std::string known = "cluster_known_nodes:" + std::to_string(m_nodes.size()) + "\r";
            return info.find("cluster_state:ok") != std::string::npos && info.find(known) != std::string::npos;
        },
        "the cluster does not come together");
}

std::size_t RedisProcess::ownerOf(std::uint16_t slot) const
{
    const redis::Reply map = command({"CLUSTER", "SLOTS"});
    for (const redis::Reply &range : *map.list()) {
        const auto &fields = *range.list();
        if (*fields[0].integer() > slot || *fields[1].integer() < slot)
            continue;
        const std::string id = *(*fields[2].list())[2].text();
        for (std::size_t i = 0; i < m_nodes.size(); ++i) {
            if (m_nodes[i].id == id)
                return i;
        }
    }
    ensure(false, "a slot that is nobody's");
    return 0;
}

void RedisProcess::beginMove(std::uint16_t slot, std::size_t to) const
{
    const std::size_t from = ownerOf(slot);
    command({"CLUSTER", "SETSLOT", std::to_string(slot), "IMPORTING", m_nodes[from].id}, to);
    command({"CLUSTER", "SETSLOT", std::to_string(slot), "MIGRATING", m_nodes[to].id}, from);
}

void RedisProcess::moveKey(const std::string &key, std::size_t to) const
{
    command({"MIGRATE", "127.0.0.1", std::to_string(m_nodes[to].port), key, "0", "10000"}, ownerOf(redis::slotOf(key)));
}

void RedisProcess::endMove(std::uint16_t slot, std::size_t to) const
{
    const std::size_t from = ownerOf(slot);
    for (;;) {
        const redis::Reply keys = command({"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), "100"}, from);
        if (keys.list()->empty())
            break;
        for (const redis::Reply &key : *keys.list())
            moveKey(*key.text(), to);
    }
    for (const std::size_t node : {to, from})
        command({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", m_nodes[to].id}, node);
}

} // namespace voelgoed::test

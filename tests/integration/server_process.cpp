#include "tests/integration/server_process.h"

#include <QDirIterator>

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

namespace voelgoed::integration {

namespace {

constexpr const char *kDatabase = "voelgoed";
constexpr int kPatienceMs = 60'000;

std::uint16_t portOf(const std::string &url)
{
    return url.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

bool isNamed(pid_t pid, const char *name)
{
    QFile comm("/proc/" + QString::number(pid) + "/comm");
    return pid > 0 && comm.open(QIODevice::ReadOnly) && comm.readAll().trimmed() == name;
}

QStringList processesIn(const QString &folder)
{
    QStringList found;
    for (const QString &pid : QDir("/proc").entryList(QDir::Dirs)) {
        const QString where = QFile::symLinkTarget("/proc/" + pid + "/cwd");
        if (!where.isEmpty() && where.startsWith(folder))
            found << pid;
    }
    return found;
}

/// The process that all others of the cluster end with; 0 when it does not run.
pid_t postmasterIn(const QString &folder)
{
    QDirIterator files(folder, {"postmaster.pid"}, QDir::Files, QDirIterator::Subdirectories);
    QFile file(files.hasNext() ? files.next() : QString());
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const auto pid = static_cast<pid_t>(file.readLine().trimmed().toInt());
    return isNamed(pid, "postgres") ? pid : 0;
}

pid_t redisIn(const QString &folder)
{
    for (const QString &pid : processesIn(folder)) {
        if (isNamed(pid.toInt(), "redis-server"))
            return pid.toInt();
    }
    return 0;
}

bool flushAt(const std::string &path)
{
    constexpr std::string_view kCommand = "FLUSHALL\r\n";
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const timeval patience{5, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char answer[16]{};
    const bool done =
        ::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 &&
        ::send(descriptor, kCommand.data(), kCommand.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(kCommand.size()) &&
        ::recv(descriptor, answer, sizeof answer, 0) > 0 && answer[0] == '+';
    ::close(descriptor);
    return done;
}

} // namespace

std::uint16_t freePort()
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *any = reinterpret_cast<sockaddr *>(&address);
    base::ensure(::bind(descriptor, any, size) == 0 && ::getsockname(descriptor, any, &size) == 0, "a free port");
    ::close(descriptor);
    return ntohs(address.sin_port);
}

World worldOfTests()
{
    const QByteArray word = qgetenv("VOELGOED_TEST_WORLD");
    if (word == "cluster")
        return World::Cluster;
    if (word == "pair")
        return World::Pair;
    base::ensure(word.isEmpty(), "VOELGOED_TEST_WORLD is cluster, pair or nothing");
    return World::Plain;
}

ServerProcess::Shared::Shared(World world)
    : redis(world == World::Cluster ? test::Redis::Kind::Cluster : test::Redis::Kind::Alone),
      database(postgres.freshDatabase())
{}

ServerProcess::ServerProcess(World world, QStringList more) : m_world(world), m_more(std::move(more))
{
    for (int i = 0; i < (world == World::Pair ? 2 : 1); ++i)
        m_nodes.push_back(std::make_unique<Node>());
}

ServerProcess::~ServerProcess()
{
    stop();
}

QStringList ServerProcess::options(const Node &node) const
{
    QStringList words{
        "run", "--data", node.folder.path(), "--listen",
        QString("%1:%2").arg(m_world == World::Encrypted ? "127.0.0.2" : "127.0.0.1").arg(portOf(node.url))};
    if (m_shared) {
        const auto url = [this](const char *role) {
            return QString::fromStdString(m_shared->postgres.url(role, m_shared->database));
        };
        words << "--pg" << url("vg_app") << "--pg-owner" << url("vg_owner") << "--redis"
              << QString::fromStdString(m_shared->redis.url());
    }
    if (m_line)
        words << "--public-url" << QString::fromStdString(url()) << "--processes"
              << "2";
    return words + m_more;
}

bool ServerProcess::start(Node &node)
{
    node.process = std::make_unique<QProcess>();
    node.process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    // In order also when the test crashes.
    node.process->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
    node.process->start(QString(test::programFolder()) + "/voelgoed-server", options(node));
    QString out;
    while (!out.contains('\n') && node.process->waitForReadyRead(kPatienceMs))
        out += QString::fromUtf8(node.process->readAllStandardOutput());
    if (!out.startsWith("ready "))
        return false;
    if (node.url.empty())
        node.url = out.mid(6).trimmed().toStdString();
    return true;
}

bool ServerProcess::start()
{
    if (m_world != World::Plain && m_world != World::Encrypted && !m_shared)
        m_shared = std::make_unique<Shared>(m_world);
    if (m_world == World::Pair && !m_line) {
        for (const auto &node :
             m_nodes) // what they call themselves is the line's address, which tells no port of theirs
            node->url = "http://127.0.0.1:" + std::to_string(freePort());
        m_line = std::make_unique<support::CuttingProxy>(
            std::vector<std::uint16_t>{portOf(m_nodes[0]->url), portOf(m_nodes[1]->url)});
    }
    const QString keys = "/server-keys.json";
    for (const auto &node : m_nodes) {
        if (node->process && node->process->state() != QProcess::NotRunning)
            continue;
        // Devices know a server by its keys, and these two are one to them.
        if (node != m_nodes.front())
            QFile::copy(m_nodes.front()->folder.path() + keys, node->folder.path() + keys);
        if (!start(*node))
            return false;
    }
    return true;
}

int ServerProcess::stop()
{
    int worst = -1;
    for (const auto &node : m_nodes) {
        if (node->process && node->process->state() != QProcess::NotRunning)
            node->process->terminate();
    }
    for (const auto &node : m_nodes) {
        if (!node->process || node->process->state() == QProcess::NotRunning)
            continue;
        node->process->waitForFinished(kPatienceMs);
        worst = std::max(worst, node->process->exitStatus() == QProcess::NormalExit ? node->process->exitCode() : 255);
    }
    return worst;
}

void ServerProcess::kill()
{
    for (std::size_t i = 0; i < m_nodes.size(); ++i)
        killOne(i);
}

void ServerProcess::killOne(std::size_t number)
{
    QProcess &process = *m_nodes[number % m_nodes.size()]->process;
    process.kill();
    process.waitForFinished(kPatienceMs);
}

std::string ServerProcess::url() const
{
    return m_line ? "http://127.0.0.1:" + std::to_string(m_line->port()) : m_nodes.front()->url;
}

std::uint16_t ServerProcess::port() const
{
    return portOf(url());
}

support::PlainHttp ServerProcess::http() const
{
    if (m_world == World::Encrypted)
        return admin();
    std::vector<std::string> urls;
    for (const auto &node : m_nodes)
        urls.push_back(node->url);
    return support::PlainHttp(std::move(urls));
}

support::PlainHttp ServerProcess::admin() const
{
    std::vector<std::string> sockets;
    for (const auto &node : m_nodes)
        sockets.push_back("unix:" + node->folder.path().toStdString() + "/admin.sock");
    return support::PlainHttp(std::move(sockets));
}

std::uint16_t ServerProcess::portOfOne() const
{
    return portOf(m_nodes.front()->url);
}

std::string ServerProcess::postgresUrl(const std::string &role) const
{
    if (m_shared)
        return m_shared->postgres.url(role, m_shared->database);
    const auto cluster = supervisor::PostgresCluster::at({.folder = folder() + "/postgres"});
    base::ensure(static_cast<bool>(cluster), "the server's Postgres");
    return cluster->url(role, kDatabase);
}

bool ServerProcess::killPostgres()
{
    if (m_shared) {
        m_shared->postgres.kill();
        m_shared->postgres.start();
        return true;
    }
    const pid_t pid = postmasterIn(m_nodes.front()->folder.path());
    return pid > 0 && ::kill(pid, SIGKILL) == 0;
}

bool ServerProcess::killRedis()
{
    if (m_shared) {
        m_shared->redis.kill();
        m_shared->redis.start();
        return true;
    }
    const pid_t pid = redisIn(m_nodes.front()->folder.path());
    return pid > 0 && ::kill(pid, SIGKILL) == 0;
}

std::string ServerProcess::redisUrl() const
{
    if (m_shared)
        return m_shared->redis.url();
    QDirIterator sockets(m_nodes.front()->folder.path(), {"*redis*.sock", "redis*"}, QDir::System,
                         QDirIterator::Subdirectories);
    return sockets.hasNext() ? "unix:" + sockets.next().toStdString() : std::string();
}

bool ServerProcess::flushRedis()
{
    const std::string url = redisUrl();
    return !url.empty() && flushAt(m_shared ? m_shared->redis.socket() : url.substr(sizeof "unix:" - 1));
}

std::size_t ServerProcess::residentKb() const
{
    std::size_t most = 0;
    for (const auto &node : m_nodes) {
        QFile status("/proc/" + QString::number(node->process->processId()) + "/status");
        base::ensure(status.open(QIODevice::ReadOnly), "a server's status");
        const QByteArray text = status.readAll();
        const QByteArray line = text.mid(text.indexOf("VmRSS:") + 6);
        most = std::max<std::size_t>(most, line.left(line.indexOf("kB")).trimmed().toULongLong());
    }
    return most;
}

QStringList ServerProcess::leftovers() const
{
    QStringList found;
    for (const auto &node : m_nodes)
        found << processesIn(node->folder.path());
    return found;
}

std::size_t ServerProcess::grownKb() const
{
    const std::size_t now = residentKb();
    qInfo("resident: %zu kB, and %zu kB before", now, m_noted);
#ifdef VOELGOED_SANITIZED
    return 0; // what was freed is kept for a while
#endif
    return now > m_noted ? now - m_noted : 0;
}

bool ServerProcess::endsInOrder()
{
    const int code = stop();
    const bool isAlone = QTest::qWaitFor([this] { return leftovers().isEmpty(); }, 20'000);
    if (code != 0 || !isAlone)
        qWarning("it ended with %d, and these still run: %s", code, qPrintable(leftovers().join(", ")));
    return code == 0 && isAlone;
}

} // namespace voelgoed::integration

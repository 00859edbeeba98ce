// Two thousand slow connections beside twenty gates (reliability.md, sections 3, 24 and 25, and 5): the gates'
// exchanges are answered and taken as if nobody else were there, and the slow ones are cut off.
#include "tests/integration/backstage.h"
#include "tests/integration/hand_device.h"
#include "tests/server/platform/http/raw_client.h"

#include <QtTest/QtTest>

#include <sys/resource.h>

#include <atomic>
#include <thread>

using namespace voelgoed;
using http::RawClient;
using integration::Backstage, integration::becomes, integration::HandDevice;
using Milliseconds = std::chrono::duration<double, std::milli>;

namespace {

constexpr int kGates = 20, kRounds = 15, kRowsEach = 5;
#ifdef VOELGOED_SANITIZED
constexpr int kOpenAtOnce = 1'000; // they are cut off as fast as they are opened
#else
constexpr int kOpenAtOnce = 1'900;
#endif

enum class Slowness {
    Header,    ///< a byte of a header now and then
    Body,      ///< a byte of an announced body now and then
    Reader,    ///< asks for much, and reads nothing of it
    Handshake, ///< begins TLS, and says no more
    Idle,      ///< opens, and says nothing
    Socket,    ///< a WebSocket on which nothing is ever said
};

struct Kind
{
    Slowness slowness;
    int count;
};
constexpr Kind kKinds[] = {{Slowness::Header, 700},    {Slowness::Body, 400}, {Slowness::Reader, 200},
                           {Slowness::Handshake, 300}, {Slowness::Idle, 200}, {Slowness::Socket, 200}};

/// Holds two thousand connections, drips into those that drip, and opens anew what was cut off, until it is told to let
/// them go.
class SlowClients
{
public:
    SlowClients(std::uint16_t port, std::string token) : m_port(port), m_token(std::move(token))
    {
        for (const Kind &kind : kKinds)
            m_kinds.insert(m_kinds.end(), static_cast<std::size_t>(kind.count), kind.slowness);
        m_clients.resize(m_kinds.size());
        for (std::size_t i = 0; i < m_kinds.size(); ++i)
            open(i);
        m_thread = std::thread([this] { drip(); });
    }
    ~SlowClients() { letGo(); }

    std::size_t size() const { return m_clients.size(); }
    /// No connection is opened any more.
    void letGo()
    {
        m_ends = true;
        if (m_thread.joinable())
            m_thread.join();
    }
    /// How many of a kind the server has not closed yet, once they were let go.
    int left(Slowness slowness) const
    {
        int count = 0;
        for (std::size_t i = 0; i < m_clients.size(); ++i)
            count += m_kinds[i] == slowness && !isClosed(i) ? 1 : 0;
        return count;
    }

private:
    void open(std::size_t i)
    {
        RawClient &client = m_clients[i].emplace(m_port);
        switch (m_kinds[i]) {
        case Slowness::Header:
            client.send("POST /v1/sync HTTP/1.1\r\nHost: te");
            break;
        case Slowness::Body:
            client.send("POST /v1/sync HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer " + m_token +
                        "\r\nContent-Length: 1000000\r\n\r\nx");
            break;
        case Slowness::Reader:
            client.setReceiveBuffer(4'096);
            for (int n = 0; n < 30; ++n)
                client.send(http::get("/v1/openapi.json"));
            break;
        case Slowness::Handshake:
            client.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
            break;
        case Slowness::Idle:
            break;
        case Slowness::Socket:
            client.send("GET /v1/socket HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        "Authorization: Bearer " +
                        m_token + "\r\n\r\n");
            break;
        }
    }
    /// Without taking a byte from a reader, whose slowness it is not to take any.
    bool isClosed(std::size_t i) const
    {
        pollfd about{m_clients[i]->handle(), POLLRDHUP, 0};
        ::poll(&about, 1, 0);
        if ((about.revents & (POLLHUP | POLLERR)) != 0)
            return true;
        return m_kinds[i] != Slowness::Reader && (about.revents & POLLRDHUP) != 0;
    }
    void drip()
    {
        while (!m_ends) {
            for (std::size_t i = 0; i < m_clients.size() && !m_ends; ++i) {
                if (isClosed(i))
                    open(i);
                else if (m_kinds[i] == Slowness::Header || m_kinds[i] == Slowness::Body)
                    static_cast<void>(::send(m_clients[i]->handle(), "s", 1, MSG_NOSIGNAL | MSG_DONTWAIT));
            }
            for (int i = 0; i < 20 && !m_ends; ++i)
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }

    std::uint16_t m_port;
    std::string m_token;
    std::vector<Slowness> m_kinds;
    std::vector<std::optional<RawClient>> m_clients;
    std::atomic<bool> m_ends = false;
    std::thread m_thread;
};

struct Figures
{
    int accepted = 0, other = 0;
    double medianMs = 0, p99Ms = 0;
};

} // namespace

class SlowClientsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Backstage> m_backstage;
    base::Uuid m_event{};
    std::vector<HandDevice> m_gates;
    std::uint32_t m_ordinal = 0;

    /// Each gate sends its rows, all at once, round by round.
    Figures exchangeAll()
    {
        std::vector<std::vector<double>> took(m_gates.size());
        std::atomic<int> accepted = 0, other = 0;
        std::vector<std::thread> threads;
        const std::string event = base::toText(m_event);
        for (std::size_t gate = 0; gate < m_gates.size(); ++gate) {
            const std::uint32_t first = m_ordinal + static_cast<std::uint32_t>(gate) * kRounds * kRowsEach;
            threads.emplace_back([&, gate, first] {
                for (int round = 0; round < kRounds; ++round) {
                    std::vector<domain::Row> rows;
                    for (int n = 0; n < kRowsEach; ++n)
                        rows.push_back(
                            m_gates[gate].scan(event, first + static_cast<std::uint32_t>(round * kRowsEach + n) + 1));
                    const auto began = std::chrono::steady_clock::now();
                    const auto answer = m_gates[gate].send(m_gates[gate].with({m_gates[gate].chain(rows)}, event));
                    took[gate].push_back(Milliseconds(std::chrono::steady_clock::now() - began).count());
                    int here = 0;
                    for (const protocol::OutcomeRun &run :
                         answer.reply ? answer.reply->outcomes : std::vector<protocol::OutcomeRun>())
                        here += run.outcome == protocol::RowOutcome::Accepted ? static_cast<int>(run.count) : 0;
                    accepted += here;
                    other += kRowsEach - here;
                }
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        m_ordinal += static_cast<std::uint32_t>(m_gates.size()) * kRounds * kRowsEach;
        std::vector<double> all;
        for (const auto &each : took)
            all.insert(all.end(), each.begin(), each.end());
        std::sort(all.begin(), all.end());
        return {accepted, other, all[all.size() / 2], all[all.size() * 99 / 100]};
    }

private slots:
    void initTestCase()
    {
        rlimit files{};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &files), 0);
        QVERIFY(files.rlim_max >= 4'096);
        // The server raises its own from what it is given here.
        const rlimit few{1'024, files.rlim_max}, enough{std::min<rlim_t>(files.rlim_max, 8'192), files.rlim_max};
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &few), 0);
        m_backstage = std::make_unique<Backstage>();
        QVERIFY(m_backstage->start());
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &enough), 0);
        m_event = m_backstage->makeEvent(5'000);
        for (int i = 0; i < kGates; ++i)
            m_gates.emplace_back(m_backstage->server.http(), m_backstage->invite(m_event), m_backstage->token,
                                 static_cast<std::uint64_t>(1'000 + i * 10));
    }
    void cleanupTestCase() { QVERIFY(m_backstage->server.endsInOrder()); }

    void twoThousandSlowOnesDoNotHoldUpTwentyGates()
    {
        exchangeAll(); // the first of everything
        const Figures alone = exchangeAll();
        QCOMPARE(alone.other, 0);
        SlowClients slow(m_backstage->server.port(), m_backstage->token);
        QCOMPARE(slow.size(), 2'000U);
        const auto connections = [&] {
            const auto text = m_backstage->server.admin().get("/metrics").body;
            const std::string mark = "\nvg_http_connections ";
            const auto at = text.find(mark);
            return at == std::string::npos ? -1 : std::stoi(text.substr(at + mark.size()));
        };
        QVERIFY2(becomes([&] { return connections() >= kOpenAtOnce; }, 60'000),
                 qPrintable(QString::number(connections())));
        const Figures beside = exchangeAll();
        qInfo("exchange alone: median %.1f ms, p99 %.1f ms; beside 2,000 slow ones: median %.1f ms, p99 %.1f ms",
              alone.medianMs, alone.p99Ms, beside.medianMs, beside.p99Ms);
        QCOMPARE(beside.other, 0);
        QCOMPARE(beside.accepted, kGates * kRounds * kRowsEach);
        QCOMPARE(m_backstage->rows(m_event), 3 * kGates * kRounds * kRowsEach);
        QVERIFY2(beside.p99Ms < 10 * alone.p99Ms + 500, "the gates are held up");
        QVERIFY(connections() >= 1'500);
        // They go by the server's limits.
        slow.letGo();
        for (const Slowness slowness :
             {Slowness::Header, Slowness::Handshake, Slowness::Idle, Slowness::Reader, Slowness::Body})
            QVERIFY2(becomes([&] { return slow.left(slowness) == 0; }, 90'000),
                     qPrintable(QString("%1 of kind %2").arg(slow.left(slowness)).arg(static_cast<int>(slowness))));
        const Figures after = exchangeAll();
        QCOMPARE(after.other, 0);
    }
};

QTEST_GUILESS_MAIN(SlowClientsTest)
#include "slow_clients_test.moc"

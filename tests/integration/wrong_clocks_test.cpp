// Real gates whose clocks are wrong, and a real server that finds out what happened when.
#include "tests/integration/backstage.h"

#include <QtTest/QtTest>

#include <csignal>

using namespace voelgoed;
using integration::Backstage, integration::becomes, integration::jsonOf, integration::RunningGate;

namespace {

qint64 now()
{
    return QDateTime::currentMSecsSinceEpoch();
}

} // namespace

class WrongClocksTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Backstage> m_backstage;

    /// A gate at work, which has the list and has heard what time it is.
    static std::unique_ptr<RunningGate> open(const QString &data, const QString &clock)
    {
        auto gate = std::make_unique<RunningGate>(data, QStringList{"--json"}, RunningGate::Files::AsItIs, clock);
        base::ensure(gate->isUp(), gate->errors().constData());
        return gate;
    }
    /// Somebody comes with a ticket. When that was, really.
    static qint64 admit(RunningGate &gate, const QByteArray &code)
    {
        const qint64 at = now();
        const QJsonObject verdict = gate.scan(code);
        base::ensure(verdict["reason"].toString() == "ok", QJsonDocument(verdict).toJson().constData());
        return at;
    }
    static void close(RunningGate &gate)
    {
        gate.closeInput();
        base::ensure(gate.end(30'000) == 0, gate.errors().constData());
    }
    std::string ask(const std::string &what, const base::Uuid &event) const
    {
        return m_backstage->desk->execute("SELECT " + what + " WHERE event_id = '" + base::toText(event) + "'");
    }

private slots:
    void initTestCase()
    {
        m_backstage = std::make_unique<Backstage>();
        QVERIFY(m_backstage->start());
    }
    void cleanupTestCase() { QVERIFY(m_backstage->server.endsInOrder()); }

    // The owner's check 9: whoever uploads first.
    void theLaterOfTwoAdmissionsIsTheDoubleWhateverTheClocksSay_data()
    {
        QTest::addColumn<bool>("wrongOneFirst");
        QTest::newRow("the gate with the wrong clock uploads first") << true;
        QTest::newRow("the other one does") << false;
    }
    void theLaterOfTwoAdmissionsIsTheDoubleWhateverTheClocksSay()
    {
        QFETCH(bool, wrongOneFirst);
        QTemporaryDir folder;
        const QString right = folder.filePath("right"), wrong = folder.filePath("wrong"), clock = "-15s";
        const base::Uuid event = m_backstage->makeEvent(3);
        const std::string first = m_backstage->pair(right, event, "north"),
                          second = m_backstage->pair(wrong, event, "south");
        QVERIFY(!first.empty() && !second.empty());
        const auto atRight = open(right, {}), atWrong = open(wrong, clock);
        m_backstage->server.kill();
        admit(*atRight, "CODE-1");
        QTest::qSleep(1'000);
        admit(*atWrong, "CODE-1"); // 14 s earlier, if one believed it
        RunningGate &early = wrongOneFirst ? *atWrong : *atRight, &late = wrongOneFirst ? *atRight : *atWrong;
        late.signal(SIGSTOP);
        QVERIFY(m_backstage->server.start());
        QVERIFY(becomes([&] { return m_backstage->rows(event) == 1; }, 60'000));
        late.signal(SIGCONT);
        close(early);
        close(late);
        QVERIFY(becomes([&] { return m_backstage->rows(event) == 2; }));
        QCOMPARE(ask("string_agg(earlier_device || ' before ' || device, ', ') FROM scanning.doubles", event),
                 first + " before " + second);
        QCOMPARE(ask("count(*) FROM scanning.incidents", event), std::string("1"));
        QCOMPARE(m_backstage->rows(event, "outcome = 'admit'"), 2);
    }

    // The owner's check 10.
    void everyScanIsStoredInTheRightOrderHoweverWrongTheClocks()
    {
        QTemporaryDir folder;
        const QStringList clocks{"-25h", "+6m", "@1970-01-02 00:00:00", "", "-6m", "+25h"};
        const base::Uuid event = m_backstage->makeEvent(20);
        std::vector<std::unique_ptr<RunningGate>> gates;
        for (qsizetype i = 0; i < clocks.size(); ++i) {
            const QString data = folder.filePath(QString::number(i));
            QVERIFY(!m_backstage->pair(data, event, i % 2 == 0 ? "north" : "south").empty());
            gates.push_back(open(data, clocks[i]));
        }
        m_backstage->server.kill();
        std::vector<qint64> times;
        for (int round = 0; round < 2; ++round) {
            for (const auto &gate : gates) {
                times.push_back(admit(*gate, "CODE-" + QByteArray::number(times.size() + 1)));
                QTest::qSleep(200);
            }
        }
        QVERIFY(m_backstage->server.start());
        for (const auto &gate : gates)
            close(*gate);
        QVERIFY(becomes([&] { return m_backstage->rows(event) == 12; }));
        QCOMPARE(ask("string_agg(ordinal::text, ' ' ORDER BY at) FROM scanning.scans", event),
                 std::string("1 2 3 4 5 6 7 8 9 10 11 12"));
        for (std::size_t n = 1; n <= times.size(); ++n) {
            const std::string at = m_backstage->desk->execute(
                "SELECT (extract(epoch FROM at) * 1000)::bigint FROM scanning.scans WHERE event_id = '" +
                base::toText(event) + "' AND ordinal = " + std::to_string(n));
            const qint64 wrongBy = std::stoll(at) - times[n - 1];
            QVERIFY2(std::abs(wrongBy) < 500, (std::to_string(n) + ": " + std::to_string(wrongBy)).c_str());
        }
        // As the devices said it, it stands there too.
        QCOMPARE(m_backstage->rows(event, "at_device < '1971-01-01'"), 2);
        QCOMPARE(m_backstage->rows(event, "abs(extract(epoch FROM at - at_device)) > 20 * 3600"), 6);
        QCOMPARE(ask("count(*) FROM scanning.quarantine", event), std::string("0"));
        QCOMPARE(ask("count(*) FROM scanning.doubles", event), std::string("0"));
    }
};

QTEST_GUILESS_MAIN(WrongClocksTest)
#include "wrong_clocks_test.moc"

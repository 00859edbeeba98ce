#include "device/gate/control_socket.h"
#include "device/gate/request.h"
#include "shared/base/json.h"
#include "shared/base/text.h"
#include "tests/integration/hostile_rows.h"
#include "tests/integration/pseudo_terminal.h"
#include "tests/integration/running_gate.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <memory>

using namespace voelgoed::integration;
namespace base = voelgoed::base;
namespace control = voelgoed::gate;

namespace {

constexpr std::uint32_t kTickets = 600;
constexpr int kFlood = 10'000;

/// What may stand on a terminal: text without anything that a terminal or a reader's eye obeys.
bool isPlain(const QByteArray &line)
{
    const std::string text = line.toStdString();
    return base::isUtf8(text) && base::printable(text, text.size() + 1) == text;
}

/// How many codes there are in a stream: whatever stands between line ends, if anything does.
int codesIn(const QByteArray &stream)
{
    int codes = 0;
    bool inside = false;
    for (const char c : stream) {
        const bool ends = c == '\n' || c == '\r';
        codes += !ends && !inside;
        inside = !ends;
    }
    return codes;
}

} // namespace

/// Whatever is held before a gate, it answers once, admits nobody, and goes on.
class HostileCodesTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        m_rows = forgedRows(m_event);
        const auto payloads = payloadRows();
        m_rows.insert(m_rows.end(), payloads.begin(), payloads.end());
        QVERIFY(m_rows.size() >= 150);
        QVERIFY(!writeFile(path("event.bundle"), m_event.bundle().bundle({.sequence = 10})).isEmpty());
        QVERIFY(load("data"));
        m_gate = std::make_unique<RunningGate>(path("data"),
                                               QStringList{"--json", "--gate", "north", "--serial", m_scanner.name()});
        QVERIFY(m_gate->isUp());
        QVERIFY(becomes([&] { return m_scanner.isRaw(); }));
    }

    void aHostileCodeIsRefusedOnceAndTheNextGuestGetsIn_data()
    {
        QTest::addColumn<QByteArray>("code");
        QTest::addColumn<QByteArray>("reason");
        QTest::addColumn<bool>("serial");
        for (const HostileRow &row : m_rows) {
            QTest::newRow(row.name + ", as a line") << row.code << row.reason << false;
            QTest::newRow(row.name + ", from a scanner") << row.code << row.reason << true;
        }
    }
    void aHostileCodeIsRefusedOnceAndTheNextGuestGetsIn()
    {
        QFETCH(QByteArray, code);
        QFETCH(QByteArray, reason);
        QFETCH(bool, serial);
        ++m_guest;
        // The right guest's answer behind it shows that there was one answer, or none.
        const QByteArray guest = m_event.bundle().foreignCode(m_guest);
        if (serial)
            QVERIFY(m_scanner.send(code + "\r\n" + guest + "\r\n"));
        else
            m_gate->send(code + "\n" + guest + "\n");
        if (!reason.isEmpty()) {
            const QByteArray line = m_gate->line();
            QVERIFY2(base::parseJson(line.toStdString()), line);
            const QJsonObject verdict = jsonOf(line);
            QCOMPARE(verdict["reason"].toString(), reason);
            QCOMPARE(verdict["outcome"].toString(), "refuse");
            QVERIFY(verdict["durable"].toBool());
        }
        const QJsonObject admitted = m_gate->verdict();
        QCOMPARE(admitted["outcome"].toString(), "admit");
        QCOMPARE(admitted["ordinal"].toInteger(), m_event.bundle().foreignOrdinal(m_guest));
        QCOMPARE(m_gate->errors(), QByteArray());
    }

    void theTicketsThatWereImitatedStillAdmit()
    {
        QCOMPARE(m_gate->scan(m_event.bundle().signedCode(1))["reason"].toString(), "ok");
        QVERIFY(!m_gate->scan(m_event.bundle().signedCode(HostileEvent::kSuperseded)).isEmpty());
        QCOMPARE(status("data")["storage"].toString(), "good");
        QCOMPARE(status("data")["admitted"].toInteger(), m_guest + 1);
    }

    void theJournalKeepsNoneOfItInTheClear()
    {
        const Ran exported = gate({"export", "--data", path("data")});
        QCOMPARE(exported.status, 0);
        for (const QByteArray &line : exported.out.trimmed().split('\n')) {
            QVERIFY2(base::parseJson(line.toStdString()), line);
            QVERIFY2(isPlain(line), line);
            for (const char *payload : {"example.org", "javascript", "DROP TABLE", "etc/passwd"})
                QVERIFY2(!line.contains(payload), line);
        }
    }

    void whyIsPlainTextForEveryCode()
    {
        for (const HostileRow &row : m_rows) {
            if (row.reason.isEmpty() || row.code.size() > 2'000)
                continue;
            const base::ByteView code =
                base::bytesOf({row.code.constData(), static_cast<std::size_t>(row.code.size())});
            std::string out, err;
            const auto asked = control::askRunningGate(
                path("data").toStdString(), control::print(control::WhyRequest{.code = {code.begin(), code.end()}}),
                [&](const control::Output &lines) {
                    out += lines.out;
                    err += lines.err;
                });
            QVERIFY2(asked && *asked == 0, row.name + ": " + err.c_str());
            for (const QByteArray &line : QByteArray::fromStdString(out).trimmed().split('\n'))
                QVERIFY2(isPlain(line), row.name + ": " + line.toHex());
            QVERIFY2(out.find("A scan now: refuse " + row.reason.toStdString()) != std::string::npos, out.c_str());
        }
    }

    void theHumanFormIsOnePlainLineAnAnswer()
    {
        QVERIFY(load("text"));
        QByteArray input;
        int answers = 0;
        for (const HostileRow &row : m_rows) {
            input += row.code + "\n";
            answers += !row.reason.isEmpty();
        }
        const Ran ran = gate({"run", "--data", path("text"), "--gate", "north"}, input);
        QCOMPARE(ran.status, 0);
        QCOMPARE(ran.out.count('\n'), answers);
        for (const QByteArray &line : ran.out.trimmed().split('\n')) {
            QVERIFY2(isPlain(line), line.toHex());
            QVERIFY2(line.startsWith("STOP  "), line);
        }
        QCOMPARE(ran.err.count('\n'), 2); // what it says when it begins and when it ends
    }

    void aFloodIsAnsweredLineByLine()
    {
        QByteArray flood;
        for (int i = 0; i < kFlood; ++i) {
            const HostileRow &row = m_rows[static_cast<std::size_t>(i) % m_rows.size()];
            const bool shortOne = !row.reason.isEmpty() && row.code.size() < 300;
            flood += (shortOne ? row.code : "flood") + (i % 2 == 0 ? "\n" : "\r\n");
        }
        // What is asked is whether every line is answered, not how fast a disk is.
        const QTemporaryDir memory(QDir("/dev/shm").exists() ? "/dev/shm/voelgoed-flood-XXXXXX" : path("flood-XXXXXX"));
        QCOMPARE(gate({"load", "--data", memory.path(), "--yes", path("event.bundle")}).status, 0);
        const Ran ran = gate({"run", "--data", memory.path(), "--json"}, flood + m_event.bundle().foreignCode(1));
        QCOMPARE(ran.status, 0);
        const QByteArrayList lines = ran.out.trimmed().split('\n');
        QCOMPARE(lines.size(), kFlood + 1);
        for (int i = 0; i < kFlood; ++i)
            QVERIFY2(lines[i].contains("\"outcome\":\"refuse\""), lines[i]);
        QVERIFY2(lines.last().contains("\"outcome\":\"admit\""), lines.last());
        QCOMPARE(jsonOf(lines.last())["seq"].toInteger(), kFlood + 1);
    }

    void bytesThatComeOneByOneAreOneCode()
    {
        for (const char c : m_event.bundle().signedCode(3) + "\n")
            m_gate->send(QByteArray(1, c));
        QCOMPARE(m_gate->verdict()["ordinal"].toInteger(), 3);
        for (const char c : m_event.bundle().signedCode(4) + "\r")
            QVERIFY(m_scanner.send(QByteArray(1, c)));
        QCOMPARE(m_gate->verdict()["ordinal"].toInteger(), 4);
    }

    void aScannerWithoutLineEndsIsUnderstood()
    {
        QVERIFY(m_scanner.send(m_event.bundle().signedCode(5)));
        QCOMPARE(m_gate->verdict()["ordinal"].toInteger(), 5);
    }

    void aLineWithoutEndIsOneRefusal_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("a megabyte") << QByteArray(1 << 20, 'A');
        QTest::newRow("a true code before a megabyte") << m_event.bundle().signedCode(6) + QByteArray(1 << 20, ' ');
        QTest::newRow("a true code behind a megabyte") << QByteArray(1 << 20, ' ') + m_event.bundle().signedCode(6);
        QTest::newRow("a megabyte of NULs") << QByteArray(1 << 20, '\0');
    }
    void aLineWithoutEndIsOneRefusal()
    {
        QFETCH(QByteArray, line);
        QCOMPARE(m_gate->scan(line)["reason"].toString(), "unknown");
        QCOMPARE(m_gate->scan("next")["reason"].toString(), "unknown");
        const QByteArray resident = [this] {
            QFile file(QString("/proc/%1/status").arg(m_gate->processId()));
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        }();
        const qsizetype at = resident.indexOf("VmHWM:");
        QVERIFY(at >= 0);
#ifndef VOELGOED_SANITIZED // which keeps what was freed for a while
        QVERIFY2(resident.mid(at + 6, 20).trimmed().split(' ').first().toInt() < 100'000, resident.mid(at, 30));
#endif
    }

    void binaryStreamsAreCutAtLineEndsOnly()
    {
        QVERIFY(load("binary"));
        base::SeededRandom random(5);
        std::vector<std::byte> bytes(40'000);
        random.fill(bytes);
        const QByteArray stream(reinterpret_cast<const char *>(bytes.data()), static_cast<qsizetype>(bytes.size()));
        const Ran ran = gate({"run", "--data", path("binary"), "--json"}, stream);
        QCOMPARE(ran.status, 0);
        QVERIFY(codesIn(stream) > 200);
        QCOMPARE(ran.out.count('\n'), codesIn(stream));
        QCOMPARE(ran.out.count("\"outcome\":\"refuse\""), codesIn(stream));
    }

    void cleanupTestCase()
    {
        m_gate->closeInput();
        QCOMPARE(m_gate->end(), 0);
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    bool load(const QString &data) const
    {
        return gate({"load", "--data", path(data), "--yes", path("event.bundle")}).status == 0;
    }
    QJsonObject status(const QString &data) const
    {
        return jsonOf(gate({"status", "--json", "--data", path(data)}).out);
    }

    QTemporaryDir m_folder;
    HostileEvent m_event{kTickets};
    std::vector<HostileRow> m_rows;
    PseudoTerminal m_scanner;
    std::unique_ptr<RunningGate> m_gate;
    std::uint32_t m_guest = 0;
};

QTEST_GUILESS_MAIN(HostileCodesTest)
#include "hostile_codes_test.moc"

#include "shared/base/json.h"
#include "tests/integration/practice_bundle.h"
#include "tests/integration/running_gate.h"

#include <QDir>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed::integration;
namespace base = voelgoed::base;

namespace {

constexpr std::uint32_t kTickets = 40;

QStringList keysOf(const QJsonObject &object)
{
    return object.keys();
}

} // namespace

/// The verbs `status`, `export` and `why` on a folder where no gate runs, and what all verbs have in common.
class VerbsTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        m_event.ticket(3).blocked = true;
        writeFile(path("event.bundle"), m_event.bundle({.sequence = 10}));
        QCOMPARE(gate({"load", "--data", path("data"), "--yes", path("event.bundle")}).status, 0);
        // A morning's work: in at two gates, a second try, a stranger, a blocked ticket, a test, and out again.
        const QByteArray in = m_event.signedCode(1) + "\n" + m_event.foreignCode(1) + "\n" + m_event.signedCode(1) +
                              "\nnobody's\n" + m_event.signedCode(3) + "\n" + m_event.typedCode(4) + "\n";
        const Ran entered = run({"--gate", "north", "--operator", "jo"}, in);
        QCOMPARE(entered.out.count('\n'), 6);
        QCOMPARE(run({"--gate", "south", "--test"}, m_event.signedCode(5) + "\n").out.count('\n'), 1);
        QCOMPARE(run({"--gate", "south", "--direction", "exit"}, m_event.foreignCode(1) + "\n").out.count('\n'), 1);
    }

    void statusHasEveryField()
    {
        const Ran ran = gate({"status", "--json", "--data", path("data")});
        QCOMPARE(ran.status, 0);
        QVERIFY(base::parseJson(ran.out.trimmed().toStdString()));
        const QJsonObject status = jsonOf(ran.out);
        QCOMPARE(status["event"].toString(), "practice");
        QCOMPARE(status["event_name"].toString(), "Practice evening");
        QCOMPARE(status["cursor"].toObject(), (QJsonObject{{"epoch", 1}, {"sequence", 10}}));
        QCOMPARE(status["tickets"].toInteger(), 2 * kTickets);
        QCOMPARE(status["journal_rows"].toInteger(), 8);
        QCOMPARE(status["in_doubt"].toInteger(), 0);
        QCOMPARE(status["unacknowledged"].toInteger(), 8);
        QCOMPARE(status["admitted"].toInteger(), 3);
        QCOMPARE(status["storage"].toString(), "good");
        QCOMPARE(status["rescued_rows"].toInteger(), 0);
        QVERIFY(QRegularExpression("^[0-9a-f]{32}$").match(status["checksum"].toString()).hasMatch());
        QVERIFY(QRegularExpression("^([0-9a-f]{4} ){7}[0-9a-f]{4}$").match(status["signer"].toString()).hasMatch());
        QVERIFY(QRegularExpression("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
                    .match(status["device"].toString())
                    .hasMatch());
        QCOMPARE(gate({"status", "--json", "--data", path("data")}).out, ran.out);
    }

    void statusForPeopleSaysTheSame()
    {
        const QJsonObject status = jsonOf(gate({"status", "--json", "--data", path("data")}).out);
        const Ran ran = gate({"status", "--data", path("data")});
        QCOMPARE(ran.status, 0);
        const QByteArrayList lines = ran.out.trimmed().split('\n');
        QCOMPARE(lines.size(), status.size());
        for (const QString &key : keysOf(status)) {
            QByteArray name = key.toUtf8().replace('_', ' ');
            const auto line = std::find_if(lines.begin(), lines.end(),
                                           [&](const QByteArray &l) { return l.left(16).trimmed() == name; });
            QVERIFY2(line != lines.end(), name);
            if (status[key].isString())
                QCOMPARE(line->mid(16), status[key].toString().toUtf8());
            if (status[key].isDouble())
                QCOMPARE(line->mid(16), QByteArray::number(status[key].toInteger()));
        }
    }

    void exportIsOneStrictLineARowInOrder()
    {
        const Ran ran = gate({"export", "--data", path("data")});
        QCOMPARE(ran.status, 0);
        QVERIFY(ran.out.endsWith('\n'));
        const QByteArrayList lines = ran.out.chopped(1).split('\n');
        QCOMPARE(lines.size(), 8);
        QString previous(64, '0');
        for (qsizetype i = 0; i < lines.size(); ++i) {
            QVERIFY2(base::parseJson(lines[i].toStdString()), lines[i]);
            QVERIFY2(lines[i].startsWith("{\"device\":"), lines[i]);
            const QJsonObject row = jsonOf(lines[i]);
            QCOMPARE(row["seq"].toInteger(), i + 1);
            QCOMPARE(row["device"], jsonOf(lines[0])["device"]);
            QVERIFY(QDateTime::fromString(row["at"].toString(), Qt::ISODateWithMs).isValid());
            QCOMPARE(row["previous"].toString() == previous, i == 0);
            previous = row["previous"].toString();
        }
        QCOMPARE(gate({"export", "--data", path("data")}).out, ran.out);
    }

    void exportHasWhatHappened_data()
    {
        QTest::addColumn<int>("seq");
        QTest::addColumn<QJsonObject>("expected");
        const auto row = [](const char *name, int seq, const QJsonObject &expected) {
            QTest::newRow(name) << seq << expected;
        };
        row("signed", 1,
            {{"ordinal", 1},
             {"outcome", "admit"},
             {"reason", "ok"},
             {"form", "signed"},
             {"medium", "line"},
             {"checkpoint", "main"},
             {"gate", "north"},
             {"direction", "entry"},
             {"operator", "jo"},
             {"shown", true},
             {"test", false},
             {"kind", "scan"},
             {"event", "practice"},
             {"list_sequence", 10},
             {"count", 1}});
        row("foreign", 2, {{"ordinal", int(kTickets) + 1}, {"outcome", "admit"}, {"form", "foreign"}});
        row("a second time", 3, {{"ordinal", 1}, {"outcome", "refuse"}, {"reason", "already_used"}, {"shown", true}});
        row("unknown", 4,
            {{"ordinal", QJsonValue::Null}, {"outcome", "refuse"}, {"reason", "unknown"}, {"form", "unknown"}});
        row("blocked", 5, {{"ordinal", 3}, {"outcome", "refuse"}, {"reason", "blocked"}});
        row("typed", 6, {{"ordinal", 4}, {"outcome", "admit"}, {"form", "typed_fallback"}});
        row("test", 7, {{"ordinal", 5}, {"test", true}, {"gate", "south"}, {"operator", ""}});
        row("out", 8, {{"ordinal", int(kTickets) + 1}, {"direction", "exit"}, {"reason", "ok_exit"}});
    }
    void exportHasWhatHappened()
    {
        QFETCH(int, seq);
        QFETCH(QJsonObject, expected);
        const QJsonObject row = jsonOf(gate({"export", "--data", path("data")}).out.split('\n').at(seq - 1));
        for (const QString &key : expected.keys())
            QVERIFY2(row[key] == expected[key],
                     qPrintable(key + ": " + QJsonDocument(QJsonObject{{key, row[key]}}).toJson()));
        QCOMPARE(row["epoch"].toInteger(), seq <= 6 ? 1 : seq - 5);
        for (const char *key : {"session", "code_hash", "sealed_code"})
            QVERIFY2(!row[key].toString().isEmpty(), key);
    }

    void whyKnowsEveryKindOfCode_data()
    {
        QTest::addColumn<QByteArray>("code");
        QTest::addColumn<QString>("form");
        QTest::addColumn<int>("ordinal"); ///< 0: none
        QTest::addColumn<QStringList>("story");
        QTest::addColumn<QString>("now");
        QTest::newRow("signed, inside") << m_event.signedCode(1) << "a signed ticket" << 1
                                        << QStringList{"ok", "already_used"} << "already_used";
        QTest::newRow("signed, never seen") << m_event.signedCode(2) << "a signed ticket" << 2 << QStringList() << "ok";
        QTest::newRow("signed, blocked") << m_event.signedCode(3) << "a signed ticket" << 3 << QStringList{"blocked"}
                                         << "blocked";
        QTest::newRow("signed, another event's")
            << PracticeBundle(1, 5).signedCode(1) << "a signed ticket" << 0 << QStringList() << "wrong_event";
        QTest::newRow("foreign, went out") << m_event.foreignCode(1) << "a code of another ticketing system"
                                           << int(kTickets) + 1 << QStringList{"ok", "ok_exit"} << "already_used";
        QTest::newRow("foreign, never seen") << m_event.foreignCode(2) << "a code of another ticketing system"
                                             << int(kTickets) + 2 << QStringList() << "ok";
        QTest::newRow("typed") << m_event.typedCode(4) << "a typed fallback code" << 4 << QStringList{"ok"}
                               << "already_used";
        QTest::newRow("typed as people type") << m_event.typedCode(4).toLower().replace('-', ' ')
                                              << "a typed fallback code" << 4 << QStringList{"ok"} << "already_used";
        QTest::newRow("the signed code of a ticket that was typed")
            << m_event.signedCode(4) << "a signed ticket" << 4 << QStringList{"ok"} << "already_used";
        QTest::newRow("scanned as a test")
            << m_event.signedCode(5) << "a signed ticket" << 5 << QStringList{"ok_group"} << "ok_group";
        QTest::newRow("unknown, seen") << QByteArray("nobody's") << "nothing that this gate knows" << 0
                                       << QStringList{"unknown"} << "unknown";
        QTest::newRow("unknown") << QByteArray("nothing at all") << "nothing that this gate knows" << 0 << QStringList()
                                 << "unknown";
    }
    void whyKnowsEveryKindOfCode()
    {
        QFETCH(QByteArray, code);
        QFETCH(QString, form);
        QFETCH(int, ordinal);
        QFETCH(QStringList, story);
        QFETCH(QString, now);
        const Ran ran = gate({"why", "--json", "--data", path("data"), "--", QString::fromUtf8(code)});
        QCOMPARE(ran.status, 0);
        QVERIFY(base::parseJson(ran.out.trimmed().toStdString()));
        const QJsonObject why = jsonOf(ran.out);
        QCOMPARE(why["form"].toString(), form);
        QCOMPARE(why["ordinal"].toInt(), ordinal);
        QCOMPARE(why["now"].toObject()["reason"].toString(), now);
        QStringList told;
        for (const QJsonValue &row : why["story"].toArray())
            told << row["reason"].toString();
        QCOMPARE(told, story);

        const Ran text = gate({"why", "--data", path("data"), "--", QString::fromUtf8(code)});
        QCOMPARE(text.status, 0);
        QVERIFY2(text.out.startsWith("This is " + form.toUtf8()), text.out);
        QVERIFY2(text.out.contains(" " + now.toUtf8() + ": "), text.out);
        QCOMPARE(text.out.count("\n  20"), story.size());
        QVERIFY(story.isEmpty() == text.out.contains("Never scanned on this device."));
        QCOMPARE(gate({"export", "--data", path("data")}).out.count('\n'), 8); // asking is no scan
    }

    void whyMayAskFromAnotherCheckpoint()
    {
        const auto why = [&](const QStringList &more) {
            return jsonOf(gate(QStringList{"why", "--json", "--data", path("data")} + more +
                               QStringList{"--", QString::fromUtf8(m_event.signedCode(2))})
                              .out)["now"]
                .toObject()["reason"]
                .toString();
        };
        QCOMPARE(why({}), "ok");
        QCOMPARE(why({"--checkpoint", "lounge"}), "wrong_type");
        QCOMPARE(why({"--checkpoint", "main", "--gate", "south"}), "ok");
        const Ran none = gate({"why", "--data", path("data"), "--checkpoint", "cellar", "x"});
        QCOMPARE(none.status, 2);
        QVERIFY(none.err.contains("cellar"));
    }

    void aFolderThatIsNoDevicesIsNamedAndLeftAlone_data()
    {
        QTest::addColumn<QStringList>("verb");
        QTest::newRow("status") << QStringList{"status"};
        QTest::newRow("export") << QStringList{"export"};
        QTest::newRow("why") << QStringList{"why", "code"};
        QTest::newRow("run") << QStringList{"run"};
    }
    void aFolderThatIsNoDevicesIsNamedAndLeftAlone()
    {
        QFETCH(QStringList, verb);
        QVERIFY(QDir().mkpath(path("plain")));
        for (const char *name : {"plain", "none", "event.bundle"}) {
            const Ran ran = gate(verb + QStringList{"--data", path(name)});
            QCOMPARE(ran.status, 2);
            QVERIFY2(ran.err.startsWith("error: " + path(name).toUtf8()), ran.err);
            QCOMPARE(ran.out, QByteArray());
        }
        QVERIFY(QDir(path("plain")).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
        QVERIFY(!QFileInfo::exists(path("none")));
    }

    void aFolderWithoutAnEventSaysSo()
    {
        // A first load that nobody agreed to makes the device, and no list.
        QCOMPARE(gate({"load", "--data", path("empty"), path("event.bundle")}).status, 3);
        const QJsonObject status = jsonOf(gate({"status", "--json", "--data", path("empty")}).out);
        QVERIFY(status["event"].isNull() && status["cursor"].isNull() && status["checksum"].isNull());
        QCOMPARE(status["tickets"].toInteger(), 0);
        const Ran exported = gate({"export", "--data", path("empty")});
        QCOMPARE(exported.status, 0);
        QCOMPARE(exported.out, QByteArray());
        for (const QStringList &verb : {QStringList{"run"}, QStringList{"why", "code"}}) {
            const Ran ran = gate(verb + QStringList{"--data", path("empty")});
            QCOMPARE(ran.status, 2);
            QVERIFY2(ran.err.contains("no event is loaded"), ran.err);
        }
    }

    void wrongWordsAreNamed_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QByteArray>("named");
        const auto row = [](const QStringList &words, const char *named) {
            QTest::addRow("%s", words.isEmpty() ? "nothing" : qPrintable(words.join(' ')))
                << words << QByteArray(named);
        };
        row({}, "--help");
        row({"admit"}, "admit");
        row({"--data", "x"}, "--help");
        for (const char *verb : {"load", "run", "status", "export", "why"}) {
            row({verb}, "--data");
            row({verb, "--data"}, "--data");
            row({verb, "--data", "x", "--nonsense", "y"},
                verb == QByteArray("load") || verb == QByteArray("why") ? "nonsense" : "--nonsense");
        }
        row({"load", "--data", "x"}, "bundle");
        row({"load", "--data", "x", "a.bundle", "b.bundle"}, "b.bundle");
        row({"load", "--data", "x", "--trust", "not-a-key", "a.bundle"}, "not-a-key");
        row({"run", "--data", "x", "--direction", "up"}, "--direction");
        row({"run", "--data", "x", "surplus"}, "surplus");
        row({"status", "--data", "x", "surplus"}, "surplus");
        row({"export", "--data", "x", "--json"}, "--json");
        row({"why", "--data", "x"}, "code");
        row({"why", "--data", "x", "a", "b"}, "b");
        row({"practice"}, "--out");
        row({"practice", "--out", "x", "--tickets", "many"}, "--tickets");
        row({"practice", "--out", "x", "--tickets", "-1"}, "--tickets");
        row({"practice", "--out", "x", "--foreign", "99999999999"}, "--foreign");
        row({"practice", "--out", "x", "--seed", "1.5"}, "--seed");
        row({"practice", "--out", "x", "--at", "noon"}, "noon");
        row({"decode"}, "files");
        row({"judge"}, "files");
    }
    void wrongWordsAreNamed()
    {
        QFETCH(QStringList, words);
        QFETCH(QByteArray, named);
        QVERIFY(QDir().mkpath(path("cwd")));
        QDir::setCurrent(path("cwd"));
        const Ran ran = gate(words);
        QCOMPARE(ran.status, 2);
        QCOMPARE(ran.out, QByteArray());
        QVERIFY2(ran.err.contains(named), ran.err);
        QVERIFY2(QDir(path("cwd")).isEmpty(), "nothing was made");
    }

    void everyVerbHasHelp_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QByteArrayList>("contains");
        QTest::newRow("all") << QStringList{"--help"}
                             << QByteArrayList{"judge", "decode", "practice", "load", "run", "status", "export", "why"};
        QTest::newRow("judge") << QStringList{"judge"} << QByteArrayList{"files"};
        QTest::newRow("decode") << QStringList{"decode"} << QByteArrayList{"files"};
        QTest::newRow("practice") << QStringList{"practice"}
                                  << QByteArrayList{"--out", "--tickets", "--foreign", "--seed"};
        QTest::newRow("load") << QStringList{"load"} << QByteArrayList{"--data", "--trust", "--yes", "bundle"};
        QTest::newRow("run") << QStringList{"run"}
                             << QByteArrayList{"--data", "--gate",   "--checkpoint", "--direction",
                                               "--json", "--serial", "--watch"};
        QTest::newRow("status") << QStringList{"status"} << QByteArrayList{"--data", "--json"};
        QTest::newRow("export") << QStringList{"export"} << QByteArrayList{"--data"};
        QTest::newRow("why") << QStringList{"why"} << QByteArrayList{"--data", "code", "--json"};
    }
    void everyVerbHasHelp()
    {
        QFETCH(QStringList, words);
        QFETCH(QByteArrayList, contains);
        const Ran ran = gate(words.contains("--help") ? words : words + QStringList{"--help"});
        QCOMPARE(ran.status, 0);
        for (const QByteArray &word : contains)
            QVERIFY2(ran.out.contains(word), word);
    }

private:
    QString path(const QString &name) const { return m_folder.filePath(name); }
    Ran run(const QStringList &more, const QByteArray &input) const
    {
        return gate(QStringList{"run", "--json", "--data", path("data")} + more, input);
    }

    QTemporaryDir m_folder;
    PracticeBundle m_event{kTickets};
};

QTEST_GUILESS_MAIN(VerbsTest)
#include "verbs_test.moc"

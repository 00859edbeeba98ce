#include "tests/integration/server_process.h"
#include "tests/support/places.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

using namespace voelgoed;
using integration::ServerProcess;

namespace {

struct Said
{
    int exit = -1;
    QByteArray out, err;

    QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
};

} // namespace

/// voelgoedctl as people and scripts use it, with a real server.
class CliTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<ServerProcess> m_server;
    QTemporaryDir m_folder;

    QString file(const QString &name, const QByteArray &text) const
    {
        QFile out(m_folder.filePath(name));
        base::ensure(out.open(QIODevice::WriteOnly), "a file of the test");
        out.write(text);
        return out.fileName();
    }
    /// The first scenario of the specification's file.
    QString example() const
    {
        QFile all(QString(test::sourceFolder()) + "/tests/scenarios/specification_example.json");
        base::ensure(all.open(QIODevice::ReadOnly), "the scenarios are there");
        const QJsonDocument json = QJsonDocument::fromJson(all.readAll());
        const QJsonObject one = json.isArray() ? json.array().first().toObject() : json.object();
        return file("example.json", QJsonDocument(one).toJson());
    }
    Said run(QStringList words, const QByteArray &input = {}) const
    {
        QProcess process;
        process.start(QString(test::programFolder()) + "/voelgoedctl", words);
        process.write(input);
        process.closeWriteChannel();
        base::ensure(process.waitForFinished(60'000), "voelgoedctl did not end");
        return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
    }
    Said ctl(QStringList words, const QByteArray &input = {}) const
    {
        return run(QStringList{"--server", QString::fromStdString(m_server->url()), "--token-file",
                               m_folder.filePath("token")} +
                       words,
                   input);
    }
    Said admin(QStringList words) const
    {
        return run(QStringList{"--admin", QString::fromStdString(m_server->folder()), "--reason", "test"} + words);
    }

private slots:
    void initTestCase()
    {
        m_server = std::make_unique<ServerProcess>();
        QVERIFY(m_server->start());
        const QString password = file("password", "Sterk3Wagwoord\n");
        const Said made =
            admin({"org", "create", "quay", "--owner", "owner@example.org", "--owner-password-file", password});
        QVERIFY2(made.exit == 0, made.err.constData());
        const Said login = ctl({"login", "owner@example.org", "--password-file", password});
        QVERIFY2(login.exit == 0, login.err.constData());
        const QString definition = example();
        const Said event = ctl({"event", "create", "--file", definition, "--json"});
        QVERIFY2(event.exit == 0, event.err.constData());
        QCOMPARE(event.json()["slug"].toString(), QString("fest"));
    }
    void cleanupTestCase()
    {
        QVERIFY(m_server->endsInOrder());
        m_server.reset();
    }

    void theTokenIsForItsUserAlone()
    {
        QCOMPARE(QFile(m_folder.filePath("token")).permissions() & ~(QFile::ReadUser | QFile::WriteUser),
                 QFile::ReadOwner | QFile::WriteOwner);
        QCOMPARE(ctl({"whoami", "--json"}).json()["role"].toString(), QString("owner"));
    }

    void eachKindOfFailureHasItsExitCode()
    {
        QCOMPARE(ctl({"no-such-verb"}).exit, 2);
        QCOMPARE(ctl({"ticket", "issue", "fest"}).exit, 2);
        QCOMPARE(ctl({"ticket", "issue", "fest", "--type", "royal"}).exit, 3);
        QCOMPARE(ctl({"event", "show", "no-such-event"}).exit, 4);
        QCOMPARE(ctl({"ticket", "show", "fest", "999"}).exit, 4);
        QCOMPARE(
            run({"--server", QString::fromStdString(m_server->url()), "--token-file", "/nonexistent", "whoami"}).exit,
            5);
        QCOMPARE(ctl({"event", "update", "fest", "--version", "77", "--file", example()}).exit, 6);
        QCOMPARE(run({"--server", "http://127.0.0.1:1", "whoami"}).exit, 7);
        const Said refused = ctl({"ticket", "issue", "fest", "--type", "royal"});
        QVERIFY2(refused.err.contains("/tickets/0/type"), refused.err.constData());
    }

    void aDefinitionThatIsNoneNamesItsPlace()
    {
        const Said bad =
            ctl({"event", "create", "--file", file("bad.json", "{\"event\": {\"id\": \"x\", \"nam\": 1}}")});
        QCOMPARE(bad.exit, 3);
        QVERIFY2(bad.err.contains("nam"), bad.err.constData());
        const Said broken = ctl({"event", "create", "--file", file("broken.json", "{\n  \"event\": [,]\n}")});
        QVERIFY2(broken.exit == 3 && broken.err.contains("line 2"), broken.err.constData());
        QCOMPARE(ctl({"event", "create", "--file", "/nonexistent.json"}).exit, 4);
    }

    void ticketsAreIssuedFoundChangedAndPrinted()
    {
        const Said issued =
            ctl({"ticket", "issue", "fest", "--type", "1", "--count", "3", "--holder", "Sarie", "--json"});
        QVERIFY2(issued.exit == 0, issued.err.constData());
        const QJsonArray made = issued.json()["data"].toArray();
        QCOMPARE(made.size(), 3);
        const QString first = QString::number(made[0].toObject()["ticket"].toObject()["ordinal"].toInt());
        QVERIFY(ctl({"ticket", "list", "fest", "sari"}).out.contains("Sarie"));
        QCOMPARE(ctl({"ticket", "cancel", "fest", first, "--reason", "refunded"}).exit, 0);
        QCOMPARE(ctl({"ticket", "cancel", "fest", first}).exit, 6);
        QCOMPARE(ctl({"ticket", "show", "fest", first, "--json"}).json()["state"].toString(), QString("cancelled"));
        QCOMPARE(ctl({"ticket", "restore", "fest", first}).exit, 0);
        const QByteArray codes = ctl({"ticket", "codes", "fest"}).out;
        QVERIFY(codes.startsWith("Number,Type,State,Code,Typed\r\n"));
        QVERIFY(codes.contains(made[1].toObject()["code"].toString().toUtf8()));
        const QString picture = m_folder.filePath("one.png"), pages = m_folder.filePath("all.pdf");
        QCOMPARE(ctl({"ticket", "print", "fest", first, "--out", picture}).exit, 0);
        QCOMPARE(ctl({"ticket", "print", "fest", "--out", pages}).exit, 0);
        QVERIFY(QFileInfo(picture).size() > 1000 && QFileInfo(pages).size() > 1000);
    }

    void aCommandThatIsRepeatedUnderItsKeyIsDoneOnce()
    {
        const auto issue = [&](const char *count) {
            return ctl({"--key", "lost", "ticket", "issue", "fest", "--type", "1", "--count", count, "--json"});
        };
        const Said first = issue("2"), again = issue("2");
        QCOMPARE(first.exit, 0);
        QCOMPARE(first.json()["data"].toArray().size(), 2);
        QCOMPARE(again.json(), first.json());
        QCOMPARE(issue("3").exit, 3); // something else under that key
        // Of several requests each has its own.
        const QString one =
            QString::number(first.json()["data"].toArray().at(0).toObject()["ticket"].toObject()["ordinal"].toInt());
        const QString two = QString::number(one.toInt() + 1);
        for (int i = 0; i < 2; ++i)
            QCOMPARE(ctl({"--key", "both", "ticket", "cancel", "fest", one, two}).exit, 0);
        QCOMPARE(ctl({"ticket", "show", "fest", two, "--json"}).json()["state"].toString(), QString("cancelled"));
    }

    void whoGetsNoAnswerIsToldHowToRepeat()
    {
        const Said lost = run({"--server", "http://127.0.0.1:1", "ticket", "issue",
                               "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01", "--type", "1"});
        QCOMPARE(lost.exit, 7);
        static const QRegularExpression key("--key [0-9a-f]{8}-[0-9a-f-]{27} ");
        QVERIFY2(QString(lost.err).contains(key), lost.err.constData());
        // What only reads says nothing of it.
        QVERIFY(!run({"--server", "http://127.0.0.1:1", "event", "list"}).err.contains("--key"));
    }

    void aGuestListIsCheckedTakenAndTakenAgain()
    {
        const QString list = file("guests.csv", "Code,Name,Type\nG-1,One,Adult\nG-2,Two,Adult\n");
        QVERIFY(ctl({"ticket", "import", "fest", list, "--check"}).out.contains("Would be: 2 added"));
        QVERIFY(ctl({"ticket", "import", "fest", list}).out.contains("2 added, 0 changed"));
        QVERIFY(ctl({"ticket", "import", "fest", list}).out.contains("0 added, 0 changed, 2 unchanged"));
        const Said bad = ctl({"ticket", "import", "fest", "-"}, "Code,Name,Type\nG-3,Three,Adult\n,Nobody,Adult\n");
        QCOMPARE(bad.exit, 3);
        QVERIFY2(bad.err.contains("/lines/3") && bad.err.contains("--skip-bad"), bad.err.constData());
    }

    void noCodeIsAFormulaInASpreadsheet()
    {
        const QString list = file("formulas.csv", "Code,Type\n=1+1,Adult\n@SUM(1),Adult\n-2,Adult\n+3,Adult\n");
        QVERIFY(ctl({"ticket", "import", "fest", list}).out.contains("4 added"));
        const QByteArray codes = ctl({"ticket", "codes", "fest"}).out;
        for (const QByteArray code : {"=1+1", "@SUM(1)", "-2", "+3"}) {
            QVERIFY2(codes.contains(code), code.constData());
            QVERIFY2(!codes.contains("," + code) && !codes.contains(",\"" + code), code.constData());
        }
    }

    void anyActionIsCalledByItsName()
    {
        QCOMPARE(ctl({"call", "tenancy.me", "--json"}).json()["role"].toString(), QString("owner"));
        const Said near = ctl({"call", "tenancy.mee"});
        QCOMPARE(near.exit, 4);
        QVERIFY(QString::fromUtf8(near.err).contains(QRegularExpression("tenancy\\.me\\b")));
        QCOMPARE(ctl({"call", "events.show", "{}"}).exit, 3);
        QCOMPARE(ctl({"call", "tenancy.me", "[1]"}).exit, 3);
        QVERIFY(ctl({"openapi", "--json"}).json()["paths"].toObject().size() > 40);
    }

    void aMemberIsInvitedShutOutLetInAndMadeSupport()
    {
        const QString email = "helper@example.org";
        QCOMPARE(ctl({"user", "invite", "nobody@example.org", "--role", "viewer"}).exit, 0);
        const QJsonArray open = ctl({"user", "invitations", "--json"}).json()["data"].toArray();
        QCOMPARE(open.size(), 1);
        QCOMPARE(ctl({"user", "withdraw", open[0].toObject()["id"].toString()}).exit, 0);
        QCOMPARE(ctl({"user", "invitations", "--json"}).json()["data"].toArray().size(), 0);
        const QString token = QString::fromUtf8(ctl({"user", "invite", email, "--role", "admin"}).out).trimmed();
        const QString password = file("helpers", "Sterk3Wagwoord\n"), other = file("others", "Nuwe4Wagwoord\n");
        QCOMPARE(ctl({"user", "accept", email, "--token", token, "--password-file", password}).exit, 0);
        const auto signsIn = [&](const QString &with) {
            return run({"--server", QString::fromStdString(m_server->url()), "--token-file",
                        m_folder.filePath("helpers-token"), "login", email, "--password-file", with})
                .exit;
        };
        QCOMPARE(signsIn(password), 0);
        QCOMPARE(admin({"user", "disable", email}).exit, 2);
        QCOMPARE(admin({"user", "disable", email, "--why", "on leave", "--json"}).json()["status"].toString(),
                 QString("disabled"));
        QCOMPARE(signsIn(password), 5);
        QCOMPARE(admin({"user", "enable", email, "--why", "back"}).exit, 0);
        QCOMPARE(signsIn(password), 0);
        QVERIFY(admin({"user", "staff", email, "--why", "helps", "--json"}).json()["platform_staff"].toBool());
        const QString id = admin({"user", "find", email, "--json"}).json()["id"].toString();
        QCOMPARE(ctl({"user", "remove", id}).exit, 5);
        QCOMPARE(ctl({"user", "reset", id}).exit, 5);
        QVERIFY(!admin({"user", "staff", email, "--take-back", "--why", "done", "--json"})
                     .json()["platform_staff"]
                     .toBool());
        const QString reset = QString::fromUtf8(ctl({"user", "reset", id}).out).trimmed();
        QCOMPARE(ctl({"user", "password", email, "--token", reset, "--password-file", other}).exit, 0);
        QCOMPARE(signsIn(password), 5);
        QCOMPARE(signsIn(other), 0);
        QCOMPARE(ctl({"user", "remove", id}).exit, 0);
        const QString platform = "00000000-0000-0000-0000-000000000000";
        QVERIFY(admin({"--organization", platform, "audit", "list"}).out.contains("on leave"));
        QVERIFY(ctl({"audit", "list", "--action", "tenancy.change_user_status"}).out.contains("on leave"));
        QVERIFY(run({"complete", "--", "user"}).out.split('\n').contains("disable"));
        QVERIFY(run({"user", "staff", "--help"}).out.contains("--take-back"));
    }

    void theTrailIsTakenOut()
    {
        const QString out = m_folder.filePath("trail.ndjson");
        QCOMPARE(ctl({"audit", "export", "--out", out}).exit, 0);
        QFile trail(out);
        QVERIFY(trail.open(QIODevice::ReadOnly));
        const QByteArrayList lines = trail.readAll().trimmed().split('\n');
        QVERIFY(lines.size() >= 2);
        for (const QByteArray &line : lines)
            QVERIFY2(QJsonDocument::fromJson(line).object().contains("action"), line.constData());
        QVERIFY(ctl({"audit", "list", "--action", "audit.export"}).out.contains("audit.export"));
    }

    void theDoctorAndTheTrailAreWell()
    {
        const Said doctor = ctl({"doctor", "--json"});
        QVERIFY2(doctor.exit == 0, doctor.out.constData());
        QCOMPARE(ctl({"audit", "verify"}).exit, 0);
        QVERIFY(ctl({"audit", "list", "--action", "events.create"}).out.contains("events.create"));
        QCOMPARE(run({"--server", "http://127.0.0.1:1", "doctor"}).exit, 8);
    }

    void verbsAndOptionsAreCompleted()
    {
        QVERIFY(run({"complete", "--", "ticket"}).out.split('\n').contains("import"));
        QVERIFY(run({"complete"}).out.split('\n').contains("--server"));
        QVERIFY(run({"completion", "bash"}).out.contains("complete -F"));
    }
};

QTEST_GUILESS_MAIN(CliTest)
#include "cli_test.moc"

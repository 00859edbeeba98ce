#include "tests/integration/server_process.h"
#include "tests/support/event_desk.h"
#include "tests/support/places.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <map>
#include <set>

using namespace voelgoed;
using integration::ServerProcess;

namespace {

enum class Who {
    Owner,    ///< of the organization, signed in
    Platform, ///< the machine's administrator, over the local socket
};

/// One call of a verb. `<name>` in it stands for what was kept under that name before, or made by the test.
struct Step
{
    const char *line;
    const char *word;      ///< of what it prints
    const char *keep = ""; ///< a name for the id that it answered with --json, or for all that it printed: "=name"
    Who who = Who::Owner;
    int exit = 0;
};

/// Every verb that there is, in an order in which each has something to do.
constexpr Step kSteps[] = {
    {"login owner@example.org --password-file <password>", "Signed in"},
    {"whoami", "owner"},
    {"org show", "quay"},
    {"org create wharf --owner other@example.org --json", "wharf", "wharf", Who::Platform},
    {"org list", "wharf", "", Who::Platform},
    {"org suspend <wharf> --why unpaid", "suspended", "", Who::Platform},
    {"org resume <wharf> --why paid", "active", "", Who::Platform},
    {"user list", "owner@example.org"},
    {"user invite gone@example.org --role viewer --json", "token", "invitation"},
    {"user invitations", "gone@example.org"},
    {"user withdraw <invitation>", "Taken back"},
    {"user invite new@example.org --role staff", "", "=token"},
    {"user accept new@example.org --token <token> --password-file <password>", "Accepted"},
    {"user find new@example.org --json", "new@example.org", "member", Who::Platform},
    {"user role <member> viewer", "viewer"},
    {"user reset <member>", "", "=reset"},
    {"user password new@example.org --token <reset> --password-file <password>", ""},
    {"user disable new@example.org --why away", "disabled", "", Who::Platform},
    {"user enable new@example.org --why back", "active", "", Who::Platform},
    {"user staff new@example.org --why helps", "", "", Who::Platform},
    {"user staff new@example.org --take-back --why done", "", "", Who::Platform},
    {"user admin new@example.org --why helps", "", "", Who::Platform},
    {"user admin new@example.org --take-back --why done", "", "", Who::Platform},
    {"user remove <member>", "Removed"},
    {"event create --file <definition> --json", "fest", "event"},
    {"event list", "fest"},
    {"event show fest", "draft"},
    {"event update fest --file <definition>", "fest"},
    {"ticket issue fest --type 1 --count 4 --holder Sarie", "Sarie"},
    {"ticket list fest", "Sarie"},
    {"ticket show fest 1", "valid"},
    {"ticket cancel fest 1 --reason refunded", "cancelled"},
    {"ticket restore fest 1", "valid"},
    {"ticket block fest 2 --reason looked-into", ""},
    {"ticket unblock fest 2", "valid"},
    {"ticket reissue fest 3 --reason lost", "Sarie"},
    {"ticket transfer fest 4 --holder Thandi", "Thandi"},
    {"ticket import fest <list>", "1 added"},
    {"ticket codes fest", "Number,Type"},
    {"ticket print fest 1 --out <picture>", ""},
    {"event publish fest", "published"},
    {"event postpone fest --reason storm", "postponed"},
    {"event reschedule fest --starts-at 2027-01-05T12:00:00Z --reason over", ""},
    {"event open fest", "live"},
    {"sessions fest --start --device lane --json", "lane", "session"},
    {"sessions fest", "lane"},
    {"sessions fest --end <session>", "ended"},
    {"scans fest", ""},
    {"stats fest", "inside"},
    {"incidents fest", "double"},
    {"incidents fest --close <incident> --note seen", "closed"},
    {"quarantine fest", "unreadable"},
    {"quarantine fest --dismiss <row> --note nothing", "dismissed"},
    {"quarantine", "no_such_event"},
    {"quarantine --dismiss <stray> --note nothing", "dismissed"},
    {"event end fest", "ended"},
    {"event archive fest --reason over", "archived"},
    {"event create --file <second> --json", "second", "second-event"},
    {"event publish second", "published"},
    {"event cancel second --reason storm", "cancelled"},
    {"device invite --name North", "QR"},
    {"device list", "Lane 1"},
    {"device approve <device> 123456 --reason checked", "active"},
    {"device show <device>", "Lane 1"},
    {"device assign <device> --event second --gate g1 --reason moved", "g1"},
    {"device message <device> Hello --reason greeting", "Lane 1"},
    {"device lock <device> --reason lost", "locked"},
    {"device unlock <device> --reason found", "active"},
    {"device wipe <device> --reason sold", "Lane 1"},
    {"device revoke <device> --reason stolen", "revoked"},
    {"key create Shop --scope read_events --json", "secret", "key"},
    {"key list", "Shop"},
    {"key roll <key> --json", "secret", "rolled"},
    {"key revoke <rolled> --reason lost", "Shop"},
    {"job list", "practice"},
    {"job retry <job>", "practice"},
    {"job cancel <job>", "practice"},
    {"audit list", "owner"},
    {"audit export", "events.create"},
    {"audit forget --email gone@example.org --reason asked", ""},
    {"audit verify", ""},
    {"doctor", "", "", Who::Owner, -1},
    {"call tenancy.me", "owner"},
    {"openapi", "openapi"},
    {"completion bash", "complete"},
    {"logout", ""},
};

struct Said
{
    int exit = -1;
    QByteArray out, err;
};

} // namespace

/// Every verb of voelgoedctl is run once with a real server; which there are says its own help.
class CliVerbsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<ServerProcess> m_server;
    QTemporaryDir m_folder;
    std::map<QString, QString> m_kept;

    QString file(const QString &name, const QByteArray &text) const
    {
        QFile out(m_folder.filePath(name));
        base::ensure(out.open(QIODevice::WriteOnly), "a file of the test");
        out.write(text);
        return out.fileName();
    }
    static Said run(const QStringList &words)
    {
        QProcess process;
        process.start(QString(test::programFolder()) + "/voelgoedctl", words);
        process.closeWriteChannel();
        base::ensure(process.waitForFinished(60'000), "voelgoedctl did not end");
        return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
    }
    Said run(const Step &step)
    {
        QStringList words;
        if (step.who == Who::Platform)
            words << "--admin" << QString::fromStdString(m_server->folder()) << "--reason"
                  << "test";
        else
            words << "--server" << QString::fromStdString(m_server->url()) << "--token-file"
                  << m_folder.filePath("token");
        for (QString word : QString(step.line).split(' ')) {
            if (word.startsWith('<') && word.endsWith('>')) {
                word = word.mid(1, word.size() - 2);
                base::ensure(m_kept.contains(word), ("nothing is kept as " + word.toStdString()).c_str());
                word = m_kept.at(word);
            }
            words << word;
        }
        const Said said = run(words);
        const QString keep = step.keep;
        if (keep.startsWith('='))
            m_kept[keep.mid(1)] = QString::fromUtf8(said.out).trimmed();
        else if (!keep.isEmpty())
            m_kept[keep] = QJsonDocument::fromJson(said.out).object()["id"].toString();
        return said;
    }
    /// Verbs without verbs below them, as the help names them: "device list".
    static void leaves(const QStringList &path, std::set<QString> &found)
    {
        static const QRegularExpression kVerb("^  (\\S+)  ");
        bool isBelow = false, hasVerbs = false;
        for (const QByteArray &line : run(path + QStringList{"--help"}).out.split('\n')) {
            isBelow = line == "Subcommands:" || (isBelow && !line.isEmpty());
            const auto verb = kVerb.match(QString::fromUtf8(line));
            if (!isBelow || !verb.hasMatch())
                continue;
            hasVerbs = true;
            leaves(path + QStringList{verb.captured(1)}, found);
        }
        if (!hasVerbs)
            found.insert(path.join(' '));
    }
    /// What no verb makes: a device that waits, a job, an incident, a row that was set aside.
    void fill()
    {
        const QString id = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c0";
        for (const auto &[name, last] :
             {std::pair("device", "1"), {"job", "2"}, {"incident", "3"}, {"row", "4"}, {"stray", "5"}})
            m_kept[name] = id + last;
        const support::EventDesk desk({m_server->postgresUrl("vg_app"), m_server->postgresUrl("postgres")}, {});
        const std::string organization =
            desk.execute("SELECT organization_id FROM tenancy.organizations WHERE slug = 'quay'");
        const auto insert = [&](const std::string &into, const std::string &values) {
            desk.execute("INSERT INTO " + into + " VALUES ('" + organization + "', " + values + ")");
        };
        const auto kept = [&](const char *name) { return "'" + m_kept.at(name).toStdString() + "'"; };
        insert("tenancy.devices (organization_id, id, name, public_key, digits)",
               kept("device") + ", 'Lane 1', decode(repeat('07', 32), 'hex'), '123456'");
        insert("platform.jobs (organization_id, id, queue, kind, args, state)",
               kept("job") + ", 'nobodys', 'practice', '{}', 'discarded'");
        const std::string event = kept("event");
        insert("scanning.incidents (organization_id, event_id, id, kind, severity, subject, facts)",
               event + ", " + kept("incident") + ", 'double', 'warning', 's', '{}'");
        insert("scanning.quarantine (organization_id, event_id, id, device, epoch, seq, hash, reason, row, brought_by)",
               event + ", " + kept("row") + ", 'd', 1, 1, 'h', 'unreadable', 'r', 'b'");
        insert("scanning.strays (organization_id, id, device, epoch, seq, hash, reason, row, brought_by)",
               kept("stray") + ", 'd', 1, 1, 'h', 'no_such_event', 'r', 'b'");
    }

private slots:
    void initTestCase()
    {
        m_server = std::make_unique<ServerProcess>();
        QVERIFY(m_server->start());
        m_kept["password"] = file("password", "Sterk3Wagwoord\n");
        const QByteArray definition = R"({"event": {"id": "fest", "name": "Fest", "starts_at": "2026-12-05T12:00:00Z",
            "ends_at": "2026-12-05T22:00:00Z"}, "ticket_types": [{"id": "1", "name": "Adult"}],
            "gates": [{"id": "g1", "name": "North", "checkpoints": ["main"]}],
            "checkpoints": [{"id": "main", "name": "Main", "types": "all"}]})";
        m_kept["definition"] = file("fest.json", definition);
        m_kept["second"] = file("second.json", QByteArray(definition).replace("\"fest\"", "\"second\""));
        m_kept["list"] = file("list.csv", "Code,Name,Type\nG-1,One,Adult\n");
        m_kept["picture"] = m_folder.filePath("one.png");
        const Said made =
            run({"--admin", QString::fromStdString(m_server->folder()), "--reason", "test", "org", "create", "quay",
                 "--owner", "owner@example.org", "--owner-password-file", m_kept["password"]});
        QVERIFY2(made.exit == 0, made.err.constData());
    }
    void cleanupTestCase()
    {
        QVERIFY(m_server->endsInOrder());
        m_server.reset();
    }

    // A new verb is a new line of the table.
    void everyVerbIsInTheTable()
    {
        std::set<QString> known;
        leaves({}, known);
        QVERIFY2(known.size() > 60, qPrintable(QString::number(known.size())));
        for (const QString &verb : known) {
            const bool isRun = std::any_of(std::begin(kSteps), std::end(kSteps), [&](const Step &step) {
                return (QString(step.line) + " ").startsWith(verb + " ");
            });
            QVERIFY2(isRun, qPrintable("nobody runs " + verb));
        }
    }

    void everyVerbDoesWhatItSays()
    {
        for (const Step &step : kSteps) {
            const Said said = run(step);
            const QByteArray all = QByteArray(step.line) + ": " + said.out + said.err;
            // Whether all is well is the machine's business; that it looked is the verb's.
            QVERIFY2(step.exit < 0 ? said.exit == 0 || said.exit == 8 : said.exit == step.exit, all.constData());
            QVERIFY2((said.out + said.err).contains(step.word), all.constData());
            if (std::string_view(step.keep) == "event")
                fill();
        }
    }

    void aListIsWholeHoweverManyPagesItHas()
    {
        const support::EventDesk desk({m_server->postgresUrl("vg_app"), m_server->postgresUrl("postgres")}, {});
        desk.execute("INSERT INTO tenancy.devices (organization_id, id, name, public_key) SELECT organization_id, "
                     "gen_random_uuid(), 'Spare ' || n, decode(repeat('07', 32), 'hex') FROM tenancy.organizations, "
                     "generate_series(1, 250) n WHERE slug = 'quay'");
        const QString organization = QString::fromStdString(
            desk.execute("SELECT organization_id FROM tenancy.organizations WHERE slug = 'quay'"));
        const QStringList admin{
            "--admin", QString::fromStdString(m_server->folder()), "--reason", "test", "--organization", organization};
        const Said listed = run(admin + QStringList{"device", "list"});
        QCOMPARE(listed.exit, 0);
        QCOMPARE(listed.out.count("Spare "), 250);
        QVERIFY2(run(admin + QStringList{"device", "show", "Spare 250"}).out.contains("Spare 250"),
                 listed.err.constData());
    }
};

QTEST_GUILESS_MAIN(CliVerbsTest)
#include "cli_verbs_test.moc"

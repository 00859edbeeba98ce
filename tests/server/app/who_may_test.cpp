#include "tests/server/app/all_slices.h"
#include "tests/support/places.h"

#include <QFile>
#include <QtTest/QtTest>

using namespace voelgoed;
using access::Actor;
using access::Grant;

namespace {

Actor user(access::Role role)
{
    return test::member(test::tenant(1), role);
}

Actor key()
{
    Actor actor;
    actor.kind = access::ActorKind::ApiKey;
    actor.organization = test::tenant(1);
    for (const access::Permission permission : access::allPermissions()) {
        if (access::isForKeys(permission))
            actor.scopes.insert(permission);
    }
    return actor;
}

/// Everybody who may ask, in the order of the golden file's columns.
std::vector<std::pair<std::string, Actor>> everybody()
{
    std::vector<std::pair<std::string, Actor>> all;
    for (const access::Role role : access::allRoles())
        all.emplace_back(std::string(access::word(role)), user(role));
    all.emplace_back("device", test::deviceAt(test::tenant(1), "event", "gate"));
    all.emplace_back("api_key_with_all_scopes", key());
    all.emplace_back("system", Actor::system(test::tenant(1), "a job"));
    all.emplace_back("super_admin_with_reason", test::superAdmin(test::tenant(1), "asked for"));
    all.emplace_back("nobody", Actor::nobody());
    return all;
}

QString text(std::string_view view)
{
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

} // namespace

/// Who may do what, over all actions that the server has (the owner's checks 12, 19 and 20).
class WhoMayTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(*m_postgres, test::AllSlices::make());
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    // A new action is a new line here, so that somebody decides who may call it.
    void everyActionIsInTheGoldenTable()
    {
        QStringList lines;
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            QStringList cells{text(action.declaration.name),
                              text(http::word(action.declaration.method)) + " " + text(action.declaration.route)};
            for (const auto &[name, actor] : everybody())
                cells << text(access::word(access::check(action.declaration.policy, actor)));
            lines << cells.join(" | ");
        }
        lines.sort();
        QString head = "# action | route";
        for (const auto &[name, actor] : everybody())
            head += " | " + QString::fromStdString(name);
        const QString table = head + "\n" + lines.join("\n") + "\n";
        QFile file(QString(test::sourceFolder()) + "/tests/data/actions.golden");
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
        const QString golden = QString::fromUtf8(file.readAll());
        if (table != golden) {
            QFile fresh("actions.golden");
            QVERIFY(fresh.open(QIODevice::WriteOnly));
            fresh.write(table.toUtf8());
        }
        QVERIFY2(table == golden, "the table is another one: what it would be lies in the file actions.golden of the "
                                  "folder in which this test ran");
    }

    // Each of these narrows what it shows to the device's own event and gate.
    void whatADeviceMayCallIsItsOwn()
    {
        const Actor device = test::deviceAt(test::tenant(1), "event", "gate");
        QStringList writes;
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            const auto grant = access::check(action.declaration.policy, device);
            if (grant == Grant::No || access::check(action.declaration.policy, Actor::nobody()) != Grant::No)
                continue;
            QVERIFY2(grant == Grant::Own, action.declaration.name.data());
            if (action.declaration.effect != actions::Effect::Reads)
                writes << text(action.declaration.name);
        }
        writes.sort();
        QCOMPARE(writes,
                 (QStringList{"scanning.end_session", "scanning.scan", "scanning.start_session", "scanning.sync"}));
    }

    void whoIsNotSignedInSeesPublicPagesAndCallsWhatBringsItsOwnSecret()
    {
        QStringList may;
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            if (access::check(action.declaration.policy, Actor::nobody()) != Grant::No)
                may << text(action.declaration.name);
        }
        may.sort();
        QCOMPARE(may, (QStringList{"events.show_public", "tenancy.accept_invitation", "tenancy.pair_device",
                                   "tenancy.reset_password", "tenancy.show_pairing", "tenancy.sign_in"}));
    }

    void aSuperAdminMovesNoEventWithoutAReason()
    {
        const Actor silent = test::superAdmin(test::tenant(1), ""), spoken = test::superAdmin(test::tenant(1), "storm");
        for (const char *name :
             {"events.cancel", "events.postpone", "events.reschedule", "events.end", "events.archive"}) {
            const auto *action = m_bench->kernel().actions.byName(name);
            QVERIFY2(action, name);
            QVERIFY2(access::check(action->declaration.policy, silent) == Grant::No, name);
            QVERIFY2(access::check(action->declaration.policy, spoken) != Grant::No, name);
        }
    }

    void whatIsWrittenAndAnsweredForIsAudited()
    {
        // Signing in and out, and what devices bring, have trails of their own.
        const QStringList own{"tenancy.sign_in", "tenancy.sign_out"};
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            const auto &declaration = action.declaration;
            if (declaration.effect == actions::Effect::Writes && !own.contains(text(declaration.name)))
                QVERIFY2(declaration.audited == actions::Audited::Yes, declaration.name.data());
        }
    }
};

QTEST_GUILESS_MAIN(WhoMayTest)
#include "who_may_test.moc"

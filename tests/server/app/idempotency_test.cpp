#include "tests/server/app/example_asks.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using test::Ask, test::Reply;

namespace {

constexpr int kRepeats = 20;

/// Why an action that changes something takes no idempotency key.
enum class Why {
    SameAgain, ///< it says how things shall be: said again, they are so already
    UsedUp,    ///< what it changes is changed then: the second one finds nothing more to do
    OwnId,     ///< what it brings carries an id of its own
    Login,     ///< each sign-in is another login
};

const std::map<std::string, Why> kWithoutAKey{
    {"api.revoke_key", Why::UsedUp},
    {"api.set_quota", Why::SameAgain},
    {"audit.forget_person", Why::SameAgain},
    {"events.create_venue_gate", Why::UsedUp}, // its code is taken
    {"events.delete_venue_gate", Why::UsedUp},
    {"events.set_gate_state", Why::SameAgain},
    {"events.update", Why::SameAgain},
    {"events.update_details", Why::SameAgain},
    {"events.update_venue", Why::SameAgain},
    {"events.update_venue_gate", Why::SameAgain},
    {"scanning.scan", Why::OwnId},
    {"scanning.sync", Why::OwnId},
    {"tenancy.accept_invitation", Why::UsedUp},
    {"tenancy.change_badge", Why::SameAgain},
    {"tenancy.change_member", Why::SameAgain},
    {"tenancy.change_organization", Why::SameAgain},
    {"tenancy.change_password", Why::UsedUp}, // the old one
    {"tenancy.change_settings", Why::SameAgain},
    {"tenancy.change_status", Why::SameAgain},
    {"tenancy.change_user_status", Why::SameAgain},
    {"tenancy.pair_device", Why::UsedUp}, // its code
    {"tenancy.remove_member", Why::UsedUp},
    {"tenancy.reset_password", Why::UsedUp}, // its token
    {"tenancy.revoke_badge", Why::SameAgain},
    {"tenancy.set_platform_flags", Why::SameAgain},
    {"tenancy.sign_in", Why::Login},
    {"tenancy.sign_out", Why::SameAgain},
    {"tenancy.withdraw_invitation", Why::UsedUp},
    {"ticketing.remove_foreign_key", Why::UsedUp},
};

/// How many rows a table has more than before, how many are new or changed, and how often.
using Effect = std::map<std::string, std::string>;

QString text(const Effect &effect)
{
    QStringList lines;
    for (const auto &[table, change] : effect)
        lines << QString::fromStdString(table + ": " + change);
    return lines.join("\n");
}

/// Fields of answers that are shown once.
constexpr std::array<const char *, 4> kSecrets{"secret", "token", "code", "invitation"};

bool holdsSecret(const Reply &reply)
{
    return std::any_of(kSecrets.begin(), kSecrets.end(), [&](const char *name) { return !reply.text(name).empty(); }) &&
           !reply.json.as_object().contains("ticket"); // codes of tickets are shown as often as anybody asks
}

Ask withKey(Ask ask, std::string key)
{
    ask.fields.emplace_back("Idempotency-Key", std::move(key));
    return ask;
}

/// The same request with another text in one of its fields; nothing where it has none that is free.
std::optional<Ask> otherwiseSaid(Ask ask)
{
    if (auto *bytes = ask.body.if_string()) {
        bytes->append("A-3\n");
        return ask;
    }
    for (const char *name : {"reason", "name", "note", "text", "holder", "gate", "email"}) {
        auto *field = ask.body.as_object().if_contains(name);
        if (!field || !field->is_string())
            continue;
        field->as_string().insert(0, "z");
        return ask;
    }
    return std::nullopt;
}

} // namespace

/// A request that is repeated under one key has the effect of one (reliability.md, section 2, 20): for each action that
/// the server has, with requests that really run at once.
class IdempotencyTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;
    std::unique_ptr<test::Workshop> m_shop, m_others;
    std::vector<std::string> m_tables; ///< SELECTs of a row about each

    const actions::Action &action(const QString &name) const
    {
        return *m_bench->kernel().actions.byName(name.toStdString());
    }

    void findTables()
    {
        const base::Json found = *base::parseJson(m_bench->execute(R"(
            SELECT json_agg(json_build_array(c.oid::regclass::text, EXISTS (SELECT FROM pg_attribute a WHERE
                a.attrelid = c.oid AND a.attname = 'version' AND a.atttypid IN ('int4'::regtype, 'int8'::regtype))))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))"));
        for (const base::Json &table : found.as_array()) {
            const std::string name(table.at(0).as_string());
            // A process makes a person's key when it first writes the name, whatever for.
            if (name == "audit.person_keys")
                continue;
            m_tables.push_back("SELECT '" + name + "' AS name, count(*) AS rows, " +
                               (table.at(1).as_bool() ? "coalesce(sum(version), 0)" : "0") +
                               " AS versions, count(*) FILTER (WHERE xmin::text::bigint >= $) AS touched FROM " + name);
        }
    }

    /// What these requests did, table by table.
    template <class Ask>
    Effect effectOf(Ask ask)
    {
        const std::string since = m_bench->execute("SELECT pg_current_xact_id()::text::bigint % (1::bigint << 32)");
        const auto look = [&] {
            std::string sql;
            for (std::string select : m_tables) {
                select.replace(select.find('$'), 1, since);
                sql += (sql.empty() ? "" : " UNION ALL ") + select;
            }
            return *base::parseJson(m_bench->execute("SELECT json_agg(t ORDER BY name) FROM (" + sql + ") AS t"));
        };
        const base::Json before = look();
        ask();
        const base::Json after = look();
        Effect effect;
        for (std::size_t i = 0; i < after.as_array().size(); ++i) {
            const auto number = [i](const base::Json &rows, const char *name) {
                return rows.at(i).at(name).to_number<std::int64_t>();
            };
            if (number(after, "touched") > 0 || number(after, "rows") != number(before, "rows")) {
                effect[std::string(after.at(i).at("name").as_string())] =
                    std::to_string(number(after, "rows") - number(before, "rows")) + " rows more, " +
                    std::to_string(number(after, "touched")) + " touched, versions +" +
                    std::to_string(number(after, "versions") - number(before, "versions"));
            }
        }
        return effect;
    }

    Ask example(const QString &name, test::Workshop &shop) const
    {
        return test::exampleAsks().at(name.toStdString())(shop);
    }

    void everyOne(actions::Idempotency atLeast = actions::Idempotency::Optional) const
    {
        QTest::addColumn<QString>("name");
        for (const actions::Action &each : m_bench->kernel().actions.all()) {
            const auto &declaration = each.declaration;
            if (declaration.idempotency >= atLeast)
                QTest::newRow(declaration.name.data()) << QString::fromUtf8(declaration.name.data());
        }
    }

    /// What was answered before, said again; of what holds a secret, that it was said.
    static void isReplay(const Reply &reply, const Reply &first)
    {
        if (holdsSecret(first)) {
            QCOMPARE(reply.code(), std::string("idempotency_key_used"));
            return;
        }
        QVERIFY2(reply.status == first.status, reply.body.c_str());
        QVERIFY2(reply.json == first.json, reply.body.c_str());
        QCOMPARE(reply.fields["Location"], first.fields["Location"]);
        QCOMPARE(reply.fields["ETag"], first.fields["ETag"]);
        QCOMPARE(reply.fields["Idempotency-Replayed"], std::string_view("true"));
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(*m_postgres, test::AllSlices::make());
        m_shop = std::make_unique<test::Workshop>(*m_bench, test::tenant(1));
        m_others = std::make_unique<test::Workshop>(*m_bench, test::tenant(2));
        findTables();
        QVERIFY(m_tables.size() > 30);
    }
    void cleanupTestCase()
    {
        m_shop.reset();
        m_others.reset();
        m_bench.reset();
        m_postgres.reset();
    }

    // A new action is in one of the two tables, so that somebody thinks of it.
    void everyActionThatChangesSomethingHasAnExampleOrAReason()
    {
        std::set<std::string> known;
        for (const actions::Action &each : m_bench->kernel().actions.all()) {
            const auto &declaration = each.declaration;
            const std::string name(declaration.name);
            known.insert(name);
            const bool takesKey = declaration.idempotency != actions::Idempotency::No;
            QCOMPARE(test::exampleAsks().contains(name), takesKey);
            QCOMPARE(kWithoutAKey.contains(name), declaration.effect != actions::Effect::Reads && !takesKey);
            // Elsewhere nothing would be kept.
            QVERIFY2(!takesKey || declaration.effect == actions::Effect::Writes, name.c_str());
        }
        for (const auto &[name, example] : test::exampleAsks())
            QVERIFY2(known.contains(name), name.c_str());
        for (const auto &[name, why] : kWithoutAKey)
            QVERIFY2(known.contains(name), name.c_str());
    }

    void twentyAtOnceHaveTheEffectOfOne_data() { everyOne(); }
    void twentyAtOnceHaveTheEffectOfOne()
    {
        QFETCH(QString, name);
        const Ask once = withKey(example(name, *m_shop), "once");
        Reply only;
        const Effect one = effectOf([&] { only = m_bench->call(once); });
        QVERIFY2(only.status < 300, only.body.c_str());
        QVERIFY(one.size() >= 2 && one.contains("platform.idempotency"));
        if (action(name).declaration.audited == actions::Audited::Yes)
            QVERIFY2(one.contains("audit.log"), qPrintable(text(one)));

        const Ask again = withKey(example(name, *m_shop), "twenty");
        std::vector<Reply> replies;
        const Effect twenty = effectOf([&] { replies = m_bench->callAll(std::vector<Ask>(kRepeats, again)); });
        QCOMPARE(text(twenty), text(one));
        const Reply *first = nullptr;
        for (const Reply &reply : replies) {
            if (reply.status == only.status && reply.fields["Idempotency-Replayed"].empty())
                first = &reply;
        }
        QVERIFY(first);
        for (const Reply &reply : replies) {
            const bool isInFlight = reply.status == 409 && reply.code() == "idempotency_key_in_use";
            if (!isInFlight && &reply != first)
                isReplay(reply, *first);
        }
        // And later, when all of that is over.
        Reply late;
        const Effect later = effectOf([&] { late = m_bench->call(again); });
        QCOMPARE(text(later), QString());
        isReplay(late, *first);
    }

    void anotherRequestUnderAKeyThatWasUsedIsRefused_data() { everyOne(); }
    void anotherRequestUnderAKeyThatWasUsedIsRefused()
    {
        QFETCH(QString, name);
        const Ask ask = example(name, *m_shop);
        QVERIFY(m_bench->call(withKey(ask, "used")).status < 300);
        std::vector<Ask> others{example(name, *m_shop)};
        if (const auto otherwise = otherwiseSaid(ask))
            others.push_back(*otherwise);
        Ask asked = ask;
        if (asked.body.is_string()) {
            asked.target += "&skip_bad=true";
            others.push_back(asked);
        }
        for (const Ask &other : others) {
            Reply reply;
            const Effect none = effectOf([&] { reply = m_bench->call(withKey(other, "used")); });
            QVERIFY2(reply.status == 422, (other.target + ": " + reply.body).c_str());
            QCOMPARE(reply.code(), std::string("idempotency_key_reused"));
            QCOMPARE(text(none), QString());
        }
    }

    void keysAreOnesOwn_data() { everyOne(); }
    void keysAreOnesOwn()
    {
        QFETCH(QString, name);
        QVERIFY(m_bench->call(withKey(example(name, *m_shop), "shared")).status < 300);
        // Of another organization.
        const Ask foreign = withKey(example(name, *m_others), "shared");
        if (name != "tenancy.create_organization") { // which the platform does, for all of them
            const Reply theirs = m_bench->call(foreign);
            QVERIFY2(theirs.status < 300, theirs.body.c_str());
            QVERIFY(theirs.fields["Idempotency-Replayed"].empty());
        }
        // Of somebody else in the same one.
        Ask colleagues = withKey(example(name, *m_shop), "shared");
        colleagues.actor.id =
            base::toText(colleagues.actor.id) == base::toText(test::tenant(9)) ? test::tenant(8) : test::tenant(9);
        const Reply reply = m_bench->call(colleagues);
        QVERIFY2(reply.status < 300, reply.body.c_str());
        QVERIFY(reply.fields["Idempotency-Replayed"].empty());
    }

    void whereAKeyIsNeededNothingIsDoneWithoutOne_data() { everyOne(actions::Idempotency::Required); }
    void whereAKeyIsNeededNothingIsDoneWithoutOne()
    {
        QFETCH(QString, name);
        const Ask ask = example(name, *m_shop);
        Reply reply;
        const Effect none = effectOf([&] { reply = m_bench->call(ask); });
        QCOMPARE(reply.status, 400);
        QCOMPARE(reply.code(), std::string("idempotency_key_missing"));
        QCOMPARE(text(none), QString());
    }

    void aKeyThatIsNoneIsRefused_data() { everyOne(); }
    void aKeyThatIsNoneIsRefused()
    {
        QFETCH(QString, name);
        const Ask ask = example(name, *m_shop);
        for (const std::string &key : {std::string(256, 'k'), std::string(1 << 20, 'k'), std::string("\xc3\x28")}) {
            Reply reply;
            const Effect none = effectOf([&] { reply = m_bench->call(withKey(ask, key)); });
            QCOMPARE(reply.status, 400);
            QCOMPARE(reply.code(), std::string("idempotency_key_invalid"));
            QVERIFY(reply.body.size() < 1'000);
            QCOMPARE(text(none), QString());
        }
        QVERIFY(m_bench->call(withKey(ask, std::string(255, 'k'))).status < 300);
    }

    void whatFailedKeepsNothing()
    {
        const std::string event = m_shop->event();
        const Ask early = withKey(m_shop->post("/v1/events/" + event + "/end"), "again");
        QCOMPARE(m_bench->call(early).code(), std::string("illegal_move"));
        for (const char *verb : {"publish", "open"})
            QCOMPARE(m_bench->call(m_shop->post("/v1/events/" + event + "/" + verb)).status, 200);
        QCOMPARE(m_bench->call(early).status, 200);
    }

    // Whoever holds a transaction and waits for another connection may wait for those who wait for him.
    void noActionNeedsASecondConnectionInsideItsTransaction()
    {
        test::ServerBench bench(*m_postgres, test::AllSlices::make(), {.connections = 1});
        test::Workshop shop(bench, test::tenant(1));
        QStringList wrong;
        const auto tryOut = [&](const std::string &name, Ask ask) {
            bench.clock().pass(std::chrono::hours(1)); // nothing is known from before
            const Reply reply = bench.call(std::move(ask));
            if (reply.status >= 300)
                wrong << QString::fromStdString(name + ": " + reply.body);
            return reply;
        };
        for (const auto &[name, example] : test::exampleAsks())
            tryOut(name, withKey(example(shop), "alone"));
        // Ways of the same actions on which more is asked.
        const std::string event = shop.event("live"), sessions = "/v1/events/" + event + "/sessions";
        access::Actor steward = test::member(shop.organization(), access::Role::ScannerOnly);
        bench.execute("INSERT INTO tenancy.badges (organization_id, id, event_id, user_id, name, grants) VALUES ('" +
                      base::toText(shop.organization()) + "', gen_random_uuid(), '" + event + "', '" +
                      base::toText(steward.id) + "', 'S', '{steward}')");
        const Reply begun = tryOut("a steward begins", {steward, http::Method::Post, sessions, {{"device", "own"}}});
        tryOut("a steward ends",
               {steward, http::Method::Post, sessions + "/" + begun.text("id") + "/end", boost::json::object()});
        tryOut("at a paired device", shop.post(sessions, {{"device", shop.device("active")}}));
        tryOut("a quota", {test::superAdmin(work::kPlatform, "their plan"),
                           http::Method::Put,
                           "/v1/orgs/" + base::toText(shop.organization()) + "/quotas",
                           {{"calls_per_day", 5}, {"reason", "their plan"}}});
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
    }

    // What is shown once lies nowhere.
    void noSecretIsKeptWithAKey_data() { everyOne(); }
    void noSecretIsKeptWithAKey()
    {
        QFETCH(QString, name);
        const Reply reply = m_bench->call(withKey(example(name, *m_shop), "secret"));
        QVERIFY(reply.status < 300);
        for (const char *field : kSecrets) {
            const std::string secret = reply.text(field);
            if (secret.empty() || !holdsSecret(reply))
                continue;
            QCOMPARE(m_bench->execute("SELECT count(*) FROM platform.idempotency AS i WHERE strpos(i::text, '" +
                                      secret + "') > 0"),
                     std::string("0"));
        }
    }
};

QTEST_GUILESS_MAIN(IdempotencyTest)
#include "idempotency_test.moc"

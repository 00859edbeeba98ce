#include "server/platform/actions/openapi.h"
#include "server/platform/work/envelope.h"
#include "tests/server/app/all_slices.h"
#include "tests/support/places.h"

#include <QFile>
#include <QtTest/QtTest>

using namespace voelgoed;

namespace {

QString text(std::string_view view)
{
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

} // namespace

/// What the server tells others, type by type: who follows it, also over webhooks, is built upon these.
class EventTypesTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;

    const work::EventTypes &types() const { return m_bench->kernel().eventTypes; }

    /// "events.published.v1 at events:org:{org}" and "events.published.v1 name text always"
    QStringList lines() const
    {
        QStringList lines;
        for (const auto &[name, type] : types().all()) {
            for (const std::string_view topic : type.topics)
                lines << text(name) + " at " + text(topic);
            for (const work::EventField &field : type.fields)
                lines << text(name) + " " + text(field.name) + " " + text(work::word(field.kind)) +
                             (field.presence == work::EventField::Presence::Always ? " always" : " sometimes");
        }
        lines.sort();
        return lines;
    }

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

    void typesOnlyGrow()
    {
        QFile file(QString(test::sourceFolder()) + "/tests/data/event_types.golden");
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
        QStringList golden = QString::fromUtf8(file.readAll()).split('\n', Qt::SkipEmptyParts);
        golden.removeIf([](const QString &line) { return line.startsWith('#'); });
        const QStringList now = lines();
        QStringList gone, fresh;
        for (const QString &line : golden) {
            if (!now.contains(line))
                gone << line;
        }
        for (const QString &line : now) {
            if (!golden.contains(line))
                fresh << line;
        }
        if (!gone.isEmpty() || !fresh.isEmpty()) {
            QFile written("event_types.golden");
            QVERIFY(written.open(QIODevice::WriteOnly));
            written.write("# A line for each topic of a type and each field of its data. What stands here is never "
                          "taken out: a change that\n# is no addition is a type of another version.\n");
            written.write((now.join("\n") + "\n").toUtf8());
        }
        QVERIFY2(gone.isEmpty(),
                 qPrintable("whoever follows these events has lost (a change of them is a type of a new "
                            "version): " +
                            gone.join("; ")));
        QVERIFY2(fresh.isEmpty(), qPrintable("these are new, and belong into the golden file (what it would be lies in "
                                             "the folder in which this test ran): " +
                                             fresh.join("; ")));
    }

    void everyTopicOfATypeIsOneThatCanBeJoined()
    {
        for (const auto &[name, type] : types().all()) {
            QVERIFY2(!type.topics.empty(), name.c_str());
            for (const std::string_view topic : type.topics) {
                const auto &families = m_bench->kernel().topics.families().all();
                const bool isKnown = std::any_of(families.begin(), families.end(),
                                                 [&](const auto &family) { return family.pattern.text == topic; });
                QVERIFY2(isKnown, (name + " at " + std::string(topic)).c_str());
            }
        }
    }

    void theDescriptionHasAWebhookForEachType()
    {
        const base::Json api =
            actions::openApi(m_bench->kernel().actions, {.version = "1", .server = "http://x", .eventTypes = &types()});
        const auto &webhooks = api.at("webhooks").as_object();
        QCOMPARE(webhooks.size(), types().all().size());
        for (const auto &[name, type] : types().all()) {
            const auto &body = webhooks.at(name).at("post").at("requestBody").at("content");
            const auto &schema = body.at("application/cloudevents+json").at("schema").at("properties");
            QCOMPARE(schema.at("type").at("const").as_string().c_str(), name.c_str());
            const auto &data = schema.at("data").at("properties").as_object();
            QCOMPARE(data.size(), type.fields.size());
            for (const work::EventField &field : type.fields)
                QVERIFY(!data.at(field.name).at("description").as_string().empty());
        }
    }

    void whatHeadersAnActionHeedsIsDescribed()
    {
        const base::Json api = actions::openApi(m_bench->kernel().actions, {.version = "1", .server = "http://x"});
        int heeded = 0;
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            const auto &declaration = action.declaration;
            QString method = text(http::word(declaration.method)).toLower();
            const auto &operation = api.at("paths").at(declaration.route).at(method.toStdString()).as_object();
            QStringList headers;
            if (const auto *parameters = operation.if_contains("parameters")) {
                for (const auto &parameter : parameters->as_array()) {
                    if (parameter.at("in").as_string() == "header")
                        headers << text(parameter.at("name").as_string());
                }
            }
            QCOMPARE(headers.contains("If-Match"), declaration.ifMatch == actions::IfMatch::Heeded);
            QCOMPARE(headers.contains("Idempotency-Key"), declaration.idempotency != actions::Idempotency::No);
            QCOMPARE(operation.at("responses").as_object().contains("412"),
                     declaration.ifMatch == actions::IfMatch::Heeded);
            QVERIFY(!operation.contains("deprecated"));
            heeded += headers.contains("If-Match") ? 1 : 0;
        }
        QVERIFY(heeded >= 20);
    }

    void whatMovesInventoryNeedsAKey()
    {
        QStringList needed;
        for (const actions::Action &action : m_bench->kernel().actions.all()) {
            if (action.declaration.idempotency == actions::Idempotency::Required)
                needed << text(action.declaration.name);
        }
        needed.sort();
        QCOMPARE(needed,
                 (QStringList{"ticketing.cancel_ticket", "ticketing.import_tickets", "ticketing.issue_tickets",
                              "ticketing.reissue_ticket", "ticketing.restore_ticket", "ticketing.transfer_ticket"}));
    }
};

QTEST_GUILESS_MAIN(EventTypesTest)
#include "event_types_test.moc"

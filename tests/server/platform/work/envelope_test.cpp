#include "server/platform/work/envelope.h"

#include "server/platform/topics/event_rules.h"
#include "server/platform/topics/frames.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;

namespace {

const base::Uuid kOrganization = *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c0a"),
                 kId = *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01");

work::Event eventOf(std::string type, std::size_t size = 1)
{
    boost::json::object data;
    for (int i = 0; size > 0; ++i) {
        const std::size_t part = std::min<std::size_t>(size, 250);
        data["field_" + std::to_string(i)] = std::string(part, 'x');
        size -= part;
    }
    return {.topic = "t", .type = std::move(type), .subject = "s", .data = std::move(data)};
}

work::Postmark postmark()
{
    return {.id = kId,
            .organization = kOrganization,
            .at = *base::parseInstant("2026-12-05T18:00:00Z"),
            .requestId = "r1",
            .trace = *work::traceFrom("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")};
}

/// The largest data that an event of this type may have, by a text's length.
std::size_t roomOf(const std::string &type)
{
    const std::size_t empty = work::envelope(eventOf(type), postmark()).size();
    return work::eventMaxOf(type) - empty;
}

} // namespace

/// Events as they travel.
class EnvelopeTest : public QObject
{
    Q_OBJECT

private slots:
    void anEnvelopeHasWhatCloudEventsAsksForAndWhatWeAdd()
    {
        const auto json = *base::parseJson(work::envelope(eventOf("events.published.v1"), postmark()));
        std::set<std::string> names;
        for (const auto &field : json.as_object())
            names.emplace(field.key());
        QCOMPARE(names, (std::set<std::string>{"specversion", "id", "source", "type", "subject", "time", "dataschema",
                                               "organizationid", "traceparent", "requestid", "data"}));
        const auto is = [&](const char *name, const char *value) { return json.at(name).as_string() == value; };
        QVERIFY(is("specversion", "1.0"));
        QVERIFY(is("id", "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01"));
        QVERIFY(is("source", "/orgs/018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c0a/events"));
        QVERIFY(is("dataschema", "/v1/schemas/events.published.v1.json"));
        QVERIFY(is("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        QVERIFY(is("time", "2026-12-05T18:00:00Z"));
        QVERIFY(is("requestid", "r1"));
    }

    // What makes an event long comes from outside, and no text of anybody's ends a server.
    void textsThatAreTooLongAreCutAndTheRestStays_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("letters") << QByteArray(300, 'x');
        QTest::newRow("what takes two bytes in JSON") << QByteArray(300, '"');
        QTest::newRow("what is not shown") << QByteArray(300, '\x01');
        QTest::newRow("letters of four bytes") << QByteArray("\U0001f3ab").repeated(80);
        QTest::newRow("a book") << QByteArray(200'000, 'y');
    }
    void textsThatAreTooLongAreCutAndTheRestStays()
    {
        QFETCH(QByteArray, text);
        for (const std::string type : {"scanning.scan_admitted.v1", "events.published.v1"}) {
            boost::json::object data{{"event_id", base::toText(kId)}, {"count", INT64_MAX}, {"open", true}};
            for (int i = 0; i < 12; ++i)
                data["text_" + std::to_string(i)] = text.toStdString();
            const std::string sent = work::envelope(
                {.topic = "t", .type = type, .subject = text.toStdString(), .data = std::move(data)}, postmark());
            QVERIFY2(sent.size() + 23 <= work::eventMaxOf(type), std::to_string(sent.size()).c_str());
            const auto json = base::parseJson(sent);
            QVERIFY2(bool(json), sent.c_str());
            QCOMPARE(json->at("data").at("event_id").as_string(), base::toText(kId));
            QCOMPARE(json->at("data").at("count").as_int64(), INT64_MAX);
            QVERIFY(!json->at("data").at("text_0").as_string().empty());
            QVERIFY(!json->at("subject").as_string().empty());
        }
    }

    void whatBelongsToNoTraceBeginsOne()
    {
        work::Postmark none = postmark();
        none.trace = {};
        none.requestId.clear();
        const auto json = *base::parseJson(work::envelope(eventOf("events.published.v1"), none));
        QVERIFY(work::traceFrom(std::string_view(json.at("traceparent").as_string())));
        QVERIFY(!json.as_object().contains("requestid"));
    }

    void anAttributeIsFoundWhateverTheDataSay()
    {
        work::Event odd = eventOf("events.published.v1");
        odd.subject = "\"time\":\"never\"";
        odd.data.as_object()["time"] = "then";
        const std::string text = work::envelope(odd, postmark());
        QCOMPARE(work::attributeIn(text, "type"), std::string_view("events.published.v1"));
        QCOMPARE(work::attributeIn(text, "time"), std::string_view("2026-12-05T18:00:00Z"));
        QCOMPARE(work::attributeIn(text, "nothing"), std::string_view());
    }

    // As it is sent: with the number that its topic gives it, however long.
    void anEventIsNotLargerThanItsSlicesMayBe_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<int>("most");
        QTest::newRow("of scanning") << "scanning.scan_admitted.v1" << 1024;
        QTest::newRow("of seating") << "seating.seats_held.v1" << 1024;
        QTest::newRow("of others") << "events.published.v1" << 4096;
    }
    void anEventIsNotLargerThanItsSlicesMayBe()
    {
        QFETCH(QString, type);
        QFETCH(int, most);
        const std::string name = type.toStdString();
        QCOMPARE(work::eventMaxOf(name), static_cast<std::size_t>(most));
        // The names of the fields need room, too.
        const std::size_t room = roomOf(name);
        const std::string text = work::envelope(eventOf(name, room - room / 10 - 60), postmark());
        QVERIFY(!topics::complaintAbout(text));
        const std::string frame = topics::eventFrame("t", {"e", std::uint64_t{1} << 53}, text);
        const auto sent = base::parseJson(frame)->at("event");
        QCOMPARE(sent.at("seq").to_number<std::uint64_t>(), std::uint64_t{1} << 53);
        QVERIFY(base::toText(sent).size() <= work::eventMaxOf(name));
        QVERIFY(topics::complaintAbout(base::toText({{"type", name}, {"x", std::string(most, 'x')}})));
    }
};

QTEST_APPLESS_MAIN(EnvelopeTest)
#include "envelope_test.moc"

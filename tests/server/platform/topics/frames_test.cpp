#include "server/platform/topics/event_rules.h"
#include "server/platform/topics/frames.h"
#include "server/platform/topics/log.h"
#include "server/platform/topics/names.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::topics;

namespace {

QString textOf(std::string_view text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

std::string envelopeOf(const std::string &type, const std::string &data)
{
    return R"({"specversion":"1.0","id":"i","source":"s","time":"2026-12-05T18:00:00Z","data":)" + data +
           ",\"type\":\"" + type + "\"}";
}

} // namespace

class FramesTest : public QObject
{
    Q_OBJECT

private slots:
    void framesAreRead()
    {
        auto frame = readFrame(R"({"op":"sub","topic":"a:b:c"})");
        QVERIFY(frame);
        QCOMPARE(std::get<SubFrame>(*frame).topic, "a:b:c");
        QVERIFY(!std::get<SubFrame>(*frame).since);
        frame = readFrame(R"({"op":"sub","topic":"t","since":41,"epoch":"e","presence":true})");
        QVERIFY(std::get<SubFrame>(*frame).since == (Cursor{"e", 41}));
        QVERIFY(std::get<SubFrame>(*frame).presence == SubFrame::Presence::Watch);
        frame = readFrame(R"({"op":"sub","topic":"t","here":{"battery_percent":80,"charging":true}})");
        QVERIFY(std::get<SubFrame>(*frame).presence == SubFrame::Presence::Here);
        frame = readFrame(R"({"op":"unsub","topic":"t"})");
        QCOMPARE(std::get<UnsubFrame>(*frame).topic, "t");
        frame = readFrame(R"({"op":"ack","topic":"t","seq":7})");
        QCOMPARE(std::get<AckFrame>(*frame).seq, 7U);
        frame = readFrame(R"({"op":"ping"})");
        QVERIFY(frame && std::holds_alternative<PingFrame>(*frame));
    }

    void whatIsNoFrameIsRefused_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing") << "";
        QTest::newRow("no JSON") << "sub";
        QTest::newRow("a list") << "[1]";
        QTest::newRow("no op") << R"({"topic":"t"})";
        QTest::newRow("another op") << R"({"op":"event","topic":"t"})";
        QTest::newRow("no topic") << R"({"op":"sub"})";
        QTest::newRow("a number for a topic") << R"({"op":"sub","topic":1})";
        QTest::newRow("a long topic") << "{\"op\":\"sub\",\"topic\":\"" + QString(200, 't') + "\"}";
        QTest::newRow("a field too many") << R"({"op":"sub","topic":"t","limit":1})";
        QTest::newRow("a negative place") << R"({"op":"sub","topic":"t","since":-1,"epoch":"e"})";
        QTest::newRow("a place beyond counting") << R"({"op":"sub","topic":"t","since":9007199254740993,"epoch":"e"})";
        QTest::newRow("a text about oneself") << R"({"op":"sub","topic":"t","here":{"name":"Thandi"}})";
        QTest::newRow("too much about oneself")
            << R"({"op":"sub","topic":"t","here":{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}})";
        QTest::newRow("nested") << R"({"op":"sub","topic":"t","here":{"a":{"b":1}}})";
        QTest::newRow("a long id") << "{\"op\":\"ping\",\"id\":\"" + QString(65, 'i') + "\"}";
        QTest::newRow("too large") << "{\"op\":\"ping\",\"id\":\"" + QString(5'000, 'i') + "\"}";
    }
    void whatIsNoFrameIsRefused()
    {
        QFETCH(QString, text);
        QVERIFY(!readFrame(text.toStdString()));
    }

    void framesAreWritten()
    {
        QCOMPARE(textOf(eventFrame("a:b", {"e1", 7}, R"({"x":1})")),
                 R"({"op":"event","topic":"a:b","seq":7,"epoch":"e1","event":{"seq":7,"x":1}})");
        QCOMPARE(textOf(snapFrame({.topic = "a:b", .reason = SnapReason::Gap, .at = {"e1", 7}})),
                 R"({"op":"snap","topic":"a:b","seq":7,"epoch":"e1","reason":"gap"})");
        const base::Json data{{"n", 1}};
        QCOMPARE(textOf(snapFrame({.topic = "a:b", .reason = SnapReason::Join, .at = {}, .data = &data})),
                 R"({"op":"snap","topic":"a:b","seq":0,"epoch":"","reason":"join","data":{"n":1}})");
        QCOMPARE(textOf(resumedFrame("a:b", {"e1", 7})), R"({"op":"sub","topic":"a:b","seq":7,"epoch":"e1"})");
        QCOMPARE(textOf(leftFrame("a:b")), R"({"op":"unsub","topic":"a:b"})");
        QCOMPARE(textOf(errorFrame("a\nb", "c", "d")), R"({"op":"error","topic":"a\nb","code":"c","detail":"d"})");
        QCOMPARE(textOf(pongFrame("1")), R"({"op":"pong","id":"1"})");
    }

    void namesAreMadeOfPatterns()
    {
        QCOMPARE(kEventsOfEvent.of("e-1"), "events:event:e-1");
        QCOMPARE(kTenancyOfUser.of(base::Uuid{}), "tenancy:user:00000000-0000-0000-0000-000000000000");
        QCOMPARE(textOf(kIncomingOfPsp.prefix()), "integrations:incoming:");
        QVERIFY(isTopicId("A-z_0.9"));
        for (const char *none : {"", "a b", "a:b", "*", "é"})
            QVERIFY2(!isTopicId(none), none);
    }

    void placesSortAsRowsDo()
    {
        QVERIFY(outboxPlace(9, 100) < outboxPlace(10, 1));
        QVERIFY(outboxPlace(10, 9) < outboxPlace(10, 10));
        QVERIFY(outboxPlace(999, 999) < outboxPlace(1'000, 0));
        QCOMPARE(outboxPlace(1, 2).size(), outboxPlace(INT64_MAX, INT64_MAX).size());
    }

    void channelsAreReadBack()
    {
        const base::Uuid organization = *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01");
        const auto heard = heardFrom(channelOf(organization, "a:b:c"), "ep 12 {\"a b\": 1}");
        QVERIFY(heard);
        QCOMPARE(heard->organization, organization);
        QCOMPARE(heard->topic, "a:b:c");
        QVERIFY(heard->at == (Cursor{"ep", 12}));
        QCOMPARE(heard->event, "{\"a b\": 1}");
        QVERIFY(!heardFrom("vg:topics:nobody:a", "ep 1 {}"));
        QVERIFY(!heardFrom(channelOf(organization, "a"), "ep x {}"));
        QVERIFY(!heardFrom(channelOf(organization, "a"), "ep"));
    }

    void eventsThatKeepTheRulesAreNotComplainedAbout_data()
    {
        QTest::addColumn<QString>("text");
        const auto row = [](const char *name, const std::string &text) { QTest::newRow(name) << textOf(text); };
        row("a scan",
            envelopeOf("scanning.scan_admitted.v1", R"({"ticket_code":"A1","gate_id":"g","gate_name":"North"})"));
        row("what was last", envelopeOf("scanning.device_offline.v2", R"({"last_heartbeat":"2026-12-05T18:00:00Z"})"));
        row("how a key begins", envelopeOf("api.key_created.v1", R"({"prefix":"vgk_abcdefgh"})"));
        row("the first of tickets", envelopeOf("ticketing.tickets_issued.v1", R"({"first_ordinal":1})"));
        row("gates in a list",
            envelopeOf("scanning.occupancy_updated.v1", R"({"gates":[{"gate_id":"g","percent":50}]})"));
    }
    void eventsThatKeepTheRulesAreNotComplainedAbout()
    {
        QFETCH(QString, text);
        const auto complaint = complaintAbout(text.toStdString());
        QVERIFY2(!complaint, complaint.value_or("").c_str());
    }

    void eventsThatBreakARuleAreComplainedAbout_data()
    {
        QTest::addColumn<QString>("text");
        const std::string good = "scanning.scan_admitted.v1";
        const auto row = [](const char *name, const std::string &text) { QTest::newRow(name) << textOf(text); };
        row("no JSON", "hello");
        const auto longText = [](char c) { return base::Json(std::string(250, c)); };
        row("too large",
            envelopeOf(good,
                       base::toText(
                           {{"a", longText('a')}, {"b", longText('b')}, {"c", longText('c')}, {"d", longText('d')}})));
        row("no version", envelopeOf("scanning.scan_admitted", "{}"));
        row("version nought", envelopeOf("scanning.scan_admitted.v0", "{}"));
        row("no time", R"({"specversion":"1.0","id":"i","source":"s","type":"a.b.v1","data":{}})");
        row("no data", R"({"specversion":"1.0","id":"i","source":"s","type":"a.b.v1","time":"2026-12-05T18:00:00Z"})");
        row("nested", envelopeOf(good, R"({"a":{"b":1}})"));
        row("a long text", envelopeOf(good, base::toText({{"a", std::string(256, 'a')}})));
        row("an address", envelopeOf(good, R"({"a":"thandi@example.com"})"));
        row("a holder", envelopeOf(good, R"({"holder_name":"x"})"));
        row("a last name", envelopeOf(good, R"({"last_name":"x"})"));
        row("a token", envelopeOf(good, R"({"access_token":"x"})"));
        for (const char *token : {"vgs_abcdefghi", "vgk_abcdefghi", "vgt_abcdefghi", "vgi_abcdefghi", "Bearer x"})
            row(token, envelopeOf(good, base::toText({{"a", token}})));
        row("an address in a list", envelopeOf(good, R"({"gates":[{"email":"x"}]})"));
    }
    void eventsThatBreakARuleAreComplainedAbout()
    {
        QFETCH(QString, text);
        QVERIFY(complaintAbout(text.toStdString()));
    }
};

QTEST_APPLESS_MAIN(FramesTest)
#include "frames_test.moc"

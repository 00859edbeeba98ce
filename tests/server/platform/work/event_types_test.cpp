#include "server/platform/work/event_types.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using work::EventField;
using Kind = EventField::Kind;

namespace {

work::EventTypes types()
{
    work::EventTypes types;
    types.add({.type = "things.made.v1",
               .says = "A thing was made",
               .fields = {{"thing_id", Kind::Id, "which"},
                          {"name", Kind::Text, "its name"},
                          {"at", Kind::Time, "when", EventField::Presence::Sometimes},
                          {"parts", Kind::Integer, "of how many parts", EventField::Presence::Sometimes},
                          {"whole", Kind::Boolean, "whether it is whole", EventField::Presence::Sometimes}}});
    return types;
}

constexpr const char *kGood = R"({"thing_id": "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01", "name": "Chair")";

} // namespace

/// What a server knows of the events that it tells.
class EventTypesTest : public QObject
{
    Q_OBJECT

private slots:
    void dataThatAreAsRegisteredAreNotComplainedAbout_data()
    {
        QTest::addColumn<QString>("more");
        QTest::newRow("no more than is needed") << "}";
        QTest::newRow("null where that may be") << R"(, "at": null, "parts": null})";
        QTest::newRow("all") << R"(, "at": "2026-12-05T18:00:00Z", "parts": 4, "whole": false})";
    }
    void dataThatAreAsRegisteredAreNotComplainedAbout()
    {
        QFETCH(QString, more);
        const auto complaint = types().complaintAbout("things.made.v1", *base::parseJson(kGood + more.toStdString()));
        QVERIFY2(!complaint, complaint.value_or("").c_str());
    }

    void whateverElseIsComplainedAbout_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("data");
        QTest::addColumn<QString>("complaint");
        const QString good = kGood;
        QTest::newRow("another type") << "things.sold.v1" << good + "}"
                                      << "things.sold.v1 is not registered";
        QTest::newRow("another field") << "things.made.v1" << good + R"(, "colour": "red"})"
                                       << "things.made.v1/colour is not registered";
        QTest::newRow("one too few") << "things.made.v1"
                                     << R"({"name": "Chair"})"
                                     << "things.made.v1/thing_id is missing";
        QTest::newRow("null for one that is always there") << "things.made.v1"
                                                           << R"({"thing_id": null, "name": "Chair"})"
                                                           << "things.made.v1/thing_id is missing";
        for (const auto &[name, value] : {std::pair("at", "\"tomorrow\""), std::pair("parts", "4.5"),
                                          std::pair("parts", "\"4\""), std::pair("whole", "1")}) {
            QTest::addRow("%s as %s", name, value)
                << "things.made.v1" << good + ", \"" + name + "\": " + value + "}"
                << QString("things.made.v1/") + name + " is of another kind than registered";
        }
        QTest::newRow("a name for an id") << "things.made.v1"
                                          << R"({"thing_id": "seven", "name": "Chair"})"
                                          << "things.made.v1/thing_id is of another kind than registered";
        QTest::newRow("no object") << "things.made.v1"
                                   << "[]"
                                   << "things.made.v1 has no data";
    }
    void whateverElseIsComplainedAbout()
    {
        QFETCH(QString, type);
        QFETCH(QString, data);
        QFETCH(QString, complaint);
        const auto found = types().complaintAbout(type.toStdString(), *base::parseJson(data.toStdString()));
        QCOMPARE(QString::fromStdString(found.value_or("")), complaint);
    }

    void theSchemaSaysTheSame()
    {
        const auto known = types();
        const base::Json schema = work::schemaOf(*known.find("things.made.v1"));
        QCOMPARE(std::string(schema.at("$id").as_string()), std::string("/v1/schemas/things.made.v1.json"));
        QCOMPARE(base::toText(schema.at("required")), std::string(R"(["thing_id","name"])"));
        const auto &properties = schema.at("properties");
        QCOMPARE(base::toText(properties.at("thing_id")),
                 std::string(R"({"type":"string","format":"uuid","description":"which"})"));
        QCOMPARE(base::toText(properties.at("parts").at("type")), std::string(R"(["integer","null"])"));
        QCOMPARE(base::toText(properties.at("at").at("format")), std::string("\"date-time\""));
        QCOMPARE(base::toText(properties.at("whole").at("type")), std::string(R"(["boolean","null"])"));
        // What comes later is no error to who validates by it.
        QVERIFY(!schema.as_object().contains("additionalProperties"));
        QVERIFY(!known.find("things.made.v2"));
    }
};

QTEST_APPLESS_MAIN(EventTypesTest)
#include "event_types_test.moc"

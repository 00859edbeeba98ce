#include "server/platform/actions/codec.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using actions::FieldError;

namespace {

enum class Colour { Green, DeepRed };
BOOST_DESCRIBE_ENUM(Colour, Green, DeepRed)

struct Inner
{
    actions::Text<5> shortName;
    std::optional<std::int16_t> seats;
    friend bool operator==(const Inner &, const Inner &) = default;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (shortName, seats))

struct Sample
{
    std::string name;
    base::Uuid id{};
    base::Instant startsAt;
    Colour colour = Colour::Green;
    bool isOpen = false;
    actions::Defaulted<std::int32_t, 50> limit;
    double price = 0;
    std::vector<Inner> inner;
    std::map<std::string, std::int32_t> counts;
    std::optional<std::string> note;
    friend bool operator==(const Sample &, const Sample &) = default;
};
BOOST_DESCRIBE_STRUCT(Sample, (), (name, id, startsAt, colour, isOpen, limit, price, inner, counts, note))

const char *const kGood =
    R"({"name":"Fees","id":"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01","starts_at":"2026-12-05T11:00:00Z",
"colour":"deep_red","is_open":true,"limit":7,"price":12.5,"inner":[{"short_name":"a","seats":3},{"short_name":"bb"}],
"counts":{"x":1},"note":null})";

base::Json parsed(const std::string &text)
{
    auto json = base::parseJson(text);
    base::ensure(bool(json), "a test's JSON cannot be read");
    return std::move(*json);
}

struct ReadBack
{
    Sample sample;
    std::vector<FieldError> errors;
};

struct Why
{
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(Why, (), (reason))

ReadBack read(const base::Json &json)
{
    ReadBack back;
    back.sample = actions::readAs<Sample>(actions::Input(json, back.errors));
    return back;
}

} // namespace

class CodecTest : public QObject
{
    Q_OBJECT

private slots:
    void whatWasWrittenReadsBackToTheSame()
    {
        const ReadBack first = read(parsed(kGood));
        QVERIFY2(first.errors.empty(), first.errors.empty() ? "" : first.errors.front().pointer.c_str());
        QCOMPARE(first.sample.name, std::string("Fees"));
        QCOMPARE(first.sample.colour, Colour::DeepRed);
        QCOMPARE(first.sample.inner.size(), 2U);
        QCOMPARE(first.sample.limit.value, 7);
        const ReadBack second = read(actions::written(first.sample));
        QVERIFY(second.errors.empty());
        QVERIFY(second.sample == first.sample);
    }

    void whatIsAbsentHasItsDefault()
    {
        const ReadBack back = read(parsed(
            R"({"name":"n","id":"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01","starts_at":"2026-12-05T11:00:00Z","colour":"green","price":1})"));
        QVERIFY(back.errors.empty());
        QCOMPARE(back.sample.limit.value, 50);
        QVERIFY(!back.sample.isOpen && back.sample.inner.empty() && !back.sample.note);
    }

    void eachErrorIsNamedWithItsPlace_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("code");
        const auto row = [](const char *name, const char *from, const char *to, const char *pointer, const char *code) {
            QTest::newRow(name) << from << to << pointer << code;
        };
        row("missing", R"("name":"Fees",)", "", "/name", "required");
        row("null is absent", R"("name":"Fees")", R"("name":null)", "/name", "required");
        row("unknown", R"("name":"Fees")", R"("name":"Fees","nam":1)", "/nam", "unknown_field");
        row("no text", R"("name":"Fees")", R"("name":7)", "/name", "not_text");
        row("no uuid", "018f3c52-7b1e", "018f3c52_7b1e", "/id", "not_uuid");
        row("no time", "2026-12-05T11:00:00Z", "yesterday", "/starts_at", "not_time");
        row("no choice", "deep_red", "blue", "/colour", "not_a_choice");
        row("no boolean", R"("is_open":true)", R"("is_open":"true")", "/is_open", "not_boolean");
        row("a number as text", R"("limit":7)", R"("limit":"7")", "/limit", "not_integer");
        row("a fraction", R"("limit":7)", R"("limit":7.5)", "/limit", "not_integer");
        row("out of range", R"("seats":3)", R"("seats":40000)", "/inner/0/seats", "out_of_range");
        row("too long", R"("short_name":"bb")", R"("short_name":"bbbbbb")", "/inner/1/short_name", "too_long");
        row("no list", R"("counts":{"x":1})", R"("counts":[1])", "/counts", "not_object");
        row("in a map", R"({"x":1})", R"({"x/y":"z"})", "/counts/x~1y", "not_integer");
        row("NUL", R"("name":"Fees")", R"("name":"Fe\u0000es")", "/name", "control_character");
    }
    void eachErrorIsNamedWithItsPlace()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, pointer);
        QFETCH(QString, code);
        QString text(kGood);
        QVERIFY(text.contains(from));
        const ReadBack back = read(parsed(text.replace(from, to).toStdString()));
        QCOMPARE(back.errors.size(), 1U);
        QCOMPARE(QString::fromStdString(back.errors.front().pointer), pointer);
        QCOMPARE(QString::fromStdString(back.errors.front().code), code);
    }

    void blanksAreNoReason()
    {
        for (const char *text : {"", " ", "\t\r\n "}) {
            std::vector<FieldError> errors;
            const base::Json json = boost::json::object{{"reason", text}};
            actions::readAs<Why>(actions::Input(json, errors));
            QCOMPARE(errors.size(), 1U);
            QCOMPARE(errors.front().pointer, std::string("/reason"));
            QCOMPARE(errors.front().code, std::string("required"));
        }
        std::vector<FieldError> errors;
        const base::Json json = boost::json::object{{"reason", " flooded"}};
        QCOMPARE(actions::readAs<Why>(actions::Input(json, errors)).reason.value, std::string(" flooded"));
        QVERIFY(errors.empty());
    }

    void allErrorsAreNamedTogetherUpToALimit()
    {
        QCOMPARE(read(parsed("{}")).errors.size(), 5U);
        std::string many = "{";
        for (int i = 0; i < 100; ++i)
            many += (i ? "," : "") + std::string("\"f") + std::to_string(i) + "\":1";
        QCOMPARE(read(parsed(many + "}")).errors.size(), actions::Input::kErrorsMax);
    }

    void numbersOfAUrlComeAsTexts()
    {
        std::vector<FieldError> errors;
        const base::Json json = parsed(
            R"({"name":"n","id":"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01","starts_at":"2026-12-05T11:00:00Z","colour":"green","price":"1.5","limit":"9","is_open":"true"})");
        const std::vector<std::string> names{"price", "limit", "is_open"};
        const Sample sample = actions::readAs<Sample>(actions::Input(json, errors).withFieldsOfUrl(names));
        QVERIFY(errors.empty());
        QCOMPARE(sample.limit.value, 9);
        QCOMPARE(sample.price, 1.5);
        QVERIFY(sample.isOpen);
    }

    void theSchemaSaysWhatTheReaderTakes()
    {
        const base::Json schema = actions::schemaOf<Sample>();
        QCOMPARE(schema.at("required").as_array().size(), 5U);
        QCOMPARE(std::string(schema.at("properties").at("colour").at("enum").at(1).as_string()),
                 std::string("deep_red"));
        QCOMPARE(schema.at("properties").at("limit").at("default").to_number<int>(), 50);
        QCOMPARE(schema.at("properties")
                     .at("inner")
                     .at("items")
                     .at("properties")
                     .at("short_name")
                     .at("maxLength")
                     .to_number<int>(),
                 5);
        QVERIFY(!schema.at("additionalProperties").as_bool());
    }
};

QTEST_APPLESS_MAIN(CodecTest)
#include "codec_test.moc"

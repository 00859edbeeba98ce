// Names, codings, ranges, dates and what a response looks like.
#include "server/platform/http/coding.h"
#include "server/platform/http/problem.h"
#include "server/platform/http/range.h"
#include "server/platform/http/response_head.h"
#include "server/platform/http/roll.h"
#include "shared/base/json.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::http;

class FieldsTest : public QObject
{
    Q_OBJECT

private slots:
    void namesCompareWithoutCase()
    {
        Fields fields;
        fields.add("X-One", "1");
        fields.add("x-one", "2");
        QCOMPARE(fields["X-ONE"], "1");
        QVERIFY(fields.has("x-One") && !fields.has("x-two"));
        fields.set("X-one", "3");
        QCOMPARE(fields.all().size(), 1U);
        QCOMPARE(fields["x-one"], "3");
    }

    void methodsHaveTheirWords()
    {
        for (const Method method :
             {Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete, Method::Options})
            QCOMPARE(*methodFrom(word(method)), method);
        QVERIFY(!methodFrom("get") && !methodFrom("TRACE") && !methodFrom(""));
    }

    void theBestAcceptedCodingIsTaken_data()
    {
        QTest::addColumn<QString>("accept");
        QTest::addColumn<QString>("coding");
        QTest::newRow("nothing") << ""
                                 << "";
        QTest::newRow("one") << "gzip"
                             << "gzip";
        QTest::newRow("a browser's") << "gzip, deflate, br, zstd"
                                     << "zstd";
        QTest::newRow("large letters") << "GZIP"
                                       << "gzip";
        QTest::newRow("refused") << "gzip;q=0"
                                 << "";
        QTest::newRow("refused at length") << "gzip ; x=1 ; q=0.000"
                                           << "";
        QTest::newRow("little liked") << "gzip;q=0.001"
                                      << "gzip";
        QTest::newRow("one refused") << "zstd;q=0, gzip"
                                     << "gzip";
        QTest::newRow("unknown ones") << "br, compress, *"
                                      << "";
        QTest::newRow("nonsense") << ";;,,q=,gzipp"
                                  << "";
    }
    void theBestAcceptedCodingIsTaken()
    {
        QFETCH(QString, accept);
        QFETCH(QString, coding);
        const auto best = acceptedCoding(accept.toStdString());
        QCOMPARE(best ? word(*best) : std::string_view(), std::string_view(coding.toStdString()));
    }

    void slicesAreCutAsAsked()
    {
        QCOMPARE(sliceOf("bytes=0-0", "", "\"a\"", 10), Slice(FilePart{0, 1}));
        QCOMPARE(sliceOf("bytes=9-9", "", "\"a\"", 10), Slice(FilePart{9, 1}));
        QCOMPARE(sliceOf("bytes=-100", "", "\"a\"", 10), Slice(FilePart{0, 10}));
        QCOMPARE(sliceOf("bytes=-0", "", "\"a\"", 10), Slice(OutOfRange{}));
        QCOMPARE(sliceOf("bytes=10-", "", "\"a\"", 10), Slice(OutOfRange{}));
        QCOMPARE(sliceOf("bytes=-1", "", "\"a\"", 0), Slice(OutOfRange{}));
        for (const char *range : {"", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-x", "bytes=--1", "bytes 0-1",
                                  "bytes=5", "bytes=0-99999999999999999999"})
            QCOMPARE(sliceOf(range, "", "\"a\"", 10), Slice(WholeFile{}));
        // Nothing to tell by whether it is the same file.
        QCOMPARE(sliceOf("bytes=0-0", "", "", 10), Slice(WholeFile{}));
    }

    void tagsCompareWeakly()
    {
        QVERIFY(hasEntityTag("\"a\"", "\"a\""));
        QVERIFY(hasEntityTag("\"b\" , W/\"a\"", "\"a\""));
        QVERIFY(hasEntityTag("*", "\"a\""));
        QVERIFY(!hasEntityTag("*", ""));
        QVERIFY(!hasEntityTag("", ""));
        QVERIFY(!hasEntityTag("\"ab\"", "\"a\""));
    }

    void datesAreWrittenAsTheStandardHasThem()
    {
        QCOMPARE(dateField(*base::parseInstant("1994-11-06T08:49:37Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
        QCOMPARE(dateField(*base::parseInstant("2024-02-29T23:59:59.999Z")), "Thu, 29 Feb 2024 23:59:59 GMT");
    }

    void aHeadSaysWhatFollows()
    {
        Response response = Response::json(201, "{}");
        response.fields.add("Content-Length", "999");
        response.fields.add("X-Own", "1");
        std::string head;
        appendHead(response, {.form = BodyForm::Sized, .size = 2, .keepAlive = true, .minor = 1, .date = "D"}, head);
        QCOMPARE(head, "HTTP/1.1 201 Created\r\nDate: D\r\nContent-Type: application/json\r\nX-Own: 1\r\n"
                       "Content-Length: 2\r\n\r\n");
        head.clear();
        appendHead(response, {.form = BodyForm::Chunked, .size = 0, .keepAlive = false, .minor = 1, .date = "D"}, head);
        QVERIFY(head.ends_with("X-Own: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"));
    }

    void whatWouldInjectIsNotSendable()
    {
        Response response;
        response.fields.add("X", "caf\xc3\xa9\ttab");
        QVERIFY(isSendable(response));
        for (const std::string &bad : {std::string("a\r\nb"), std::string("a\nb"), std::string("a\0b", 3)}) {
            Response one;
            one.fields.add("X", bad);
            QVERIFY(!isSendable(one));
            Response other;
            other.fields.add(bad, "x");
            QVERIFY(!isSendable(other));
        }
        Response nameless;
        nameless.fields.add("", "x");
        QVERIFY(!isSendable(nameless));
    }

    void problemsAreWhatTheStandardSays()
    {
        const Response response = problem({413, "body_too_large", "too \"large\""});
        const auto json = base::parseJson(response.body);
        QVERIFY(json);
        QCOMPARE(json->at("status").as_int64(), 413);
        QCOMPARE(json->at("code").as_string(), "body_too_large");
        QCOMPARE(json->at("title").as_string(), "Content Too Large");
        QCOMPARE(json->at("detail").as_string(), "too \"large\"");
        QCOMPARE(response.fields["Content-Type"], "application/problem+json");
    }

    void whoComesLateFindsRoomInTheRightPlace()
    {
        struct Guest : Member
        {
            explicit Guest(const char *group) : Member(group) {}
            void expire() override { expired = true; }
            void drop() override { dropped = true; }
            using Member::setDeadline;
            bool expired = false, dropped = false;
        };
        Roll roll({.total = 4, .ofOneGroup = 2, .opening = 3});
        Guest a1("a"), a2("a"), b("b"), busy("c");
        for (Guest *guest : {&a1, &a2, &b, &busy})
            roll.add(*guest);
        roll.move(busy, Member::Phase::Busy);
        // The group's own first, idle ones before others.
        roll.move(a2, Member::Phase::Idle);
        QVERIFY(roll.makeRoom("a"));
        QVERIFY(a2.dropped && !a1.dropped);
        Guest a3("a");
        roll.add(a3);
        // No idle one left: the one that has been opening for longest.
        QVERIFY(roll.makeRoom("d"));
        QVERIFY(a1.dropped && !b.dropped && !busy.dropped);
        Guest d("d");
        roll.add(d);
        for (Guest *guest : {&a3, &b, &d})
            roll.move(*guest, Member::Phase::Busy);
        QVERIFY(!roll.makeRoom("e"));
        QCOMPARE(roll.dropped(), 2U);
        const auto now = std::chrono::steady_clock::now();
        b.setDeadline(now);
        QCOMPARE(roll.expired(now), std::vector<Member *>{&b});
    }
};

QTEST_APPLESS_MAIN(FieldsTest)
#include "fields_test.moc"

#include "server/platform/http/target.h"

#include <QTest>

using namespace voelgoed::http;

class TargetTest : public QObject
{
    Q_OBJECT

private slots:
    void isDecoded_data()
    {
        QTest::addColumn<std::string>("target");
        QTest::addColumn<std::string>("path");
        QTest::addColumn<int>("segments");
        using namespace std::string_literals;
        QTest::newRow("the root") << "/"s
                                  << "/"s << 0;
        QTest::newRow("two segments") << "/v1/events"s
                                      << "/v1/events"s << 2;
        QTest::newRow("a slash at the end") << "/v1/"s
                                            << "/v1/"s << 2;
        QTest::newRow("codes") << "/a%20b/%C3%A9"s
                               << "/a b/\xc3\xa9"s << 2;
        QTest::newRow("small codes") << "/%c3%a9"s
                                     << "/\xc3\xa9"s << 1;
        QTest::newRow("a percent sign") << "/100%25"s
                                        << "/100%"s << 1;
        QTest::newRow("a plus in the path") << "/a+b"s
                                            << "/a+b"s << 1;
        QTest::newRow("three dots") << "/.../a.b/.c"s
                                    << "/.../a.b/.c"s << 3;
        QTest::newRow("punctuation") << "/a;b=c,d:e@f!$&'()*~_-"s
                                     << "/a;b=c,d:e@f!$&'()*~_-"s << 1;
        QTest::newRow("the own host") << "http://TEST:80/a"s
                                      << "/a"s << 1;
    }
    void isDecoded()
    {
        QFETCH(std::string, target);
        QFETCH(std::string, path);
        QFETCH(int, segments);
        const auto read = parseTarget(target, "test:80");
        QVERIFY(std::holds_alternative<Target>(read));
        QCOMPARE(std::get<Target>(read).path, path);
        QCOMPARE(std::get<Target>(read).segments.size(), std::size_t(segments));
    }

    void theQueryIsAForm()
    {
        const auto read = parseTarget("/a?x=1&y=a+b%2B&x=2&&empty=&bare&u=https%3A%2F%2Fa%2Fb%3Fc%3D%2525", "test");
        const std::vector<std::pair<std::string, std::string>> expected{
            {"x", "1"}, {"y", "a b+"}, {"x", "2"}, {"empty", ""}, {"bare", ""}, {"u", "https://a/b?c=%25"}};
        QCOMPARE(std::get<Target>(read).query, expected);
        Request request;
        request.query = expected;
        QCOMPARE(request.queryValue("x"), "1");
        QCOMPARE(request.queryValue("z"), "");
    }

    void isRefused_data()
    {
        QTest::addColumn<std::string>("target");
        QTest::addColumn<std::string>("code");
        using namespace std::string_literals;
        QTest::newRow("up") << "/a/../b"s
                            << "path_dots"s;
        QTest::newRow("up at the end") << "/a/.."s
                                       << "path_dots"s;
        QTest::newRow("here") << "/a/./b"s
                              << "path_dots"s;
        QTest::newRow("up in codes") << "/a/%2e%2E/b"s
                                     << "path_dots"s;
        QTest::newRow("up half in codes") << "/a/.%2e/b"s
                                          << "path_dots"s;
        QTest::newRow("up with a parameter") << "/a/..;/b"s
                                             << "path_dots"s;
        QTest::newRow("up with a named parameter") << "/a/..;x=1/b"s
                                                   << "path_dots"s;
        QTest::newRow("up with a parameter in codes") << "/a/..%3b/b"s
                                                      << "path_dots"s;
        QTest::newRow("an empty segment") << "/a//b"s
                                          << "path_slashes"s;
        QTest::newRow("an empty segment first") << "//a"s
                                                << "path_slashes"s;
        QTest::newRow("two slashes at the end") << "/a//"s
                                                << "path_slashes"s;
        QTest::newRow("two slashes only") << "//"s
                                          << "path_slashes"s;
        QTest::newRow("a slash in codes") << "/a%2fb"s
                                          << "path_coding"s;
        QTest::newRow("a large slash in codes") << "/a%2Fb"s
                                                << "path_coding"s;
        QTest::newRow("a backslash") << "/a\\b"s
                                     << "path_coding"s;
        QTest::newRow("a backslash in codes") << "/a%5Cb"s
                                              << "path_coding"s;
        QTest::newRow("a code of a code") << "/a%252e%252e/b"s
                                          << "path_coding"s;
        QTest::newRow("a code of a slash's code") << "/a%252fb"s
                                                  << "path_coding"s;
        QTest::newRow("a NUL") << "/a%00b"s
                               << "path_coding"s;
        QTest::newRow("a line end") << "/a%0d%0ab"s
                                    << "path_coding"s;
        QTest::newRow("an ESC") << "/a%1bb"s
                                << "path_coding"s;
        QTest::newRow("a DEL") << "/a%7fb"s
                               << "path_coding"s;
        QTest::newRow("half a code") << "/a%2"s
                                     << "path_coding"s;
        QTest::newRow("a percent sign alone") << "/a%"s
                                              << "path_coding"s;
        QTest::newRow("no code") << "/a%zz"s
                                 << "path_coding"s;
        QTest::newRow("IIS's own codes") << "/a%u002e"s
                                         << "path_coding"s;
        QTest::newRow("not UTF-8") << "/%ff"s
                                   << "path_coding"s;
        QTest::newRow("an overlong slash") << "/a%c0%afb"s
                                           << "path_coding"s;
        QTest::newRow("a surrogate") << "/%ed%a0%80"s
                                     << "path_coding"s;
        QTest::newRow("raw bytes") << "/\xc3\xa9"s
                                   << "path_coding"s;
        QTest::newRow("a blank") << "/a b"s
                                 << "path_coding"s;
        QTest::newRow("a NUL in the query") << "/a?x=%00"s
                                            << "query_coding"s;
        QTest::newRow("a line end in the query") << "/a?x=%0d%0a"s
                                                 << "query_coding"s;
        QTest::newRow("half a code in the query") << "/a?x=%4"s
                                                  << "query_coding"s;
        QTest::newRow("no UTF-8 in the query") << "/a?%ff=1"s
                                               << "query_coding"s;
        std::string many = "/a?";
        for (int i = 0; i < 101; ++i)
            many += "x&";
        QTest::newRow("too many parameters") << many << "query_too_long"s;
        QTest::newRow("a fragment") << "/a#b"s
                                    << "target_fragment"s;
        QTest::newRow("a fragment in the query") << "/a?b#c"s
                                                 << "target_fragment"s;
        QTest::newRow("nothing") << ""s
                                 << "target_form"s;
        QTest::newRow("a star") << "*"s
                                << "target_form"s;
        QTest::newRow("no slash") << "a/b"s
                                  << "target_form"s;
        QTest::newRow("another host") << "http://other/a"s
                                      << "target_form"s;
        QTest::newRow("the own host and a user") << "http://test@other/a"s
                                                 << "target_form"s;
        QTest::newRow("the own host and no path") << "http://test"s
                                                  << "target_form"s;
        QTest::newRow("the own host and a query only") << "http://test?a"s
                                                       << "target_form"s;
        QTest::newRow("no host") << "http:///a"s
                                 << "target_form"s;
        QTest::newRow("a file") << "file:///etc/passwd"s
                                << "target_form"s;
        QTest::newRow("too long") << "/" + std::string(kTargetMax, 'a') << "target_too_long"s;
    }
    void isRefused()
    {
        QFETCH(std::string, target);
        QFETCH(std::string, code);
        const auto read = parseTarget(target, "test");
        QVERIFY(std::holds_alternative<Refusal>(read));
        QCOMPARE(std::get<Refusal>(read).code, std::string_view(code));
    }

    void theLongestIsTaken()
    {
        QVERIFY(std::holds_alternative<Target>(parseTarget("/" + std::string(kTargetMax - 1, 'a'), "test")));
    }
};

QTEST_APPLESS_MAIN(TargetTest)
#include "target_test.moc"

// Bad guest lists (reliability.md, section 3: 16 to 19, 22, 26 to 28), given to a real server: refused with the place
// that is wrong, or taken for what they are; nothing of them runs, and memory stays bounded. What the reader makes of
// each file is in tests/server/slices/ticketing/import/bad_files_test.cpp.
#include "tests/integration/server_process.h"

#include <QDir>
#include <QtTest/QtTest>

#include <zlib.h>

using namespace voelgoed;
using integration::ServerProcess;
using support::PlainAnswer, support::PlainRequest;

namespace {

constexpr const char *kPassword = "Sterk3Wagwoord";
constexpr std::size_t kGrowthMaxKb = 320 * 1024; ///< five times the largest file that is taken

std::string zipped(const std::string &text)
{
    z_stream stream{};
    base::ensure(::deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
    std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    base::ensure(::deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib");
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

std::string repeated(const std::string &text, std::size_t times)
{
    std::string all;
    all.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

std::string rows(std::size_t count)
{
    std::string text = "Code,Name\n";
    for (std::size_t i = 0; i < count; ++i)
        text += "R-" + std::to_string(100'000 + i) + ",Name " + std::to_string(i) + "\n";
    return text;
}

} // namespace

class HostileImportTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<ServerProcess> m_server;
    std::string m_token;
    int m_events = 0, m_lists = 0;

    std::string makeEvent()
    {
        const std::string slug = "fest-" + std::to_string(++m_events);
        base::Json definition = *base::parseJson(R"({"event": {"id": "x", "name": "Fest"},
            "ticket_types": [{"id": "adult", "name": "Adult"}],
            "gates": [{"id": "g1", "name": "North", "checkpoints": ["main"]}],
            "checkpoints": [{"id": "main", "name": "Main", "types": "all"}]})");
        definition.as_object()["event"].as_object()["id"] = boost::json::string(slug);
        const auto made = m_server->http().post("/v1/events", definition, m_token);
        base::ensure(made.status == 201, made.body.c_str());
        return std::string(made.json().at("id").as_string());
    }
    PlainAnswer give(const std::string &event, const std::string &file, const std::string &query = "?type=adult",
                     const std::string &encoding = {})
    {
        PlainRequest request{.method = "POST", .path = "/v1/events/" + event + "/tickets/import" + query, .body = file};
        request.fields = {{"Authorization", "Bearer " + m_token},
                          {"Content-Type", "text/csv"},
                          {"Idempotency-Key", "list " + std::to_string(++m_lists)}};
        if (!encoding.empty())
            request.fields.emplace_back("Content-Encoding", encoding);
        return m_server->http().ask(request);
    }
    std::size_t ticketsOf(const std::string &event)
    {
        const auto list = m_server->http().get("/v1/events/" + event + "/tickets?limit=100", m_token);
        return list.json().at("data").as_array().size();
    }
    static QString text(const PlainAnswer &answer)
    {
        return QString::fromStdString(std::to_string(answer.status) + " " + answer.body.substr(0, 500));
    }

private slots:
    void initTestCase()
    {
        m_server = std::make_unique<ServerProcess>();
        QVERIFY(m_server->start());
        const base::Json organization{
            {"name", "One"}, {"slug", "one"}, {"owner_email", "owner@example.org"}, {"owner_password", kPassword}};
        QCOMPARE(m_server->admin().post("/v1/orgs", organization).status, 201);
        const auto login =
            m_server->http().post("/v1/sessions", {{"email", "owner@example.org"}, {"password", kPassword}});
        m_token = std::string(login.json().at("token").as_string());
        QCOMPARE(give(makeEvent(), "Code\nA-1\nA-2\n").status, 200);
        m_server->noteSize();
    }
    void cleanupTestCase()
    {
        QVERIFY(m_server->grownKb() < kGrowthMaxKb);
        QVERIFY(m_server->endsInOrder());
    }

    void everyBadFileIsRefusedWholeOrTakenWhole_data()
    {
        QTest::addColumn<QString>("path");
        const QDir folder(QString(test::sourceFolder()) + "/tests/data/imports/bad");
        for (const QString &name : folder.entryList(QDir::Files))
            QTest::newRow(name.toUtf8().constData()) << folder.filePath(name);
    }
    void everyBadFileIsRefusedWholeOrTakenWhole()
    {
        QFETCH(QString, path);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const std::string event = makeEvent();
        const auto answer = give(event, file.readAll().toStdString());
        if (answer.status == 200) {
            QVERIFY2(answer.json().at("left_out").to_number<int>() == 0, qPrintable(text(answer)));
            QCOMPARE(ticketsOf(event), answer.json().at("added").to_number<std::size_t>());
            return;
        }
        QVERIFY2(answer.status == 400, qPrintable(text(answer)));
        QVERIFY2(answer.code() == "bad_rows" || answer.code() == "invalid_input", qPrintable(text(answer)));
        const base::Json problem = answer.json();
        const auto &errors = problem.at("errors").as_array();
        QVERIFY2(!errors.empty(), qPrintable(text(answer)));
        for (const auto &error : errors) {
            const std::string pointer(error.at("pointer").as_string());
            QVERIFY2(pointer == "/file" || pointer.starts_with("/lines/"), pointer.c_str());
            QVERIFY(!error.at("detail").as_string().empty());
        }
        QCOMPARE(ticketsOf(event), std::size_t{0});
    }

    void whatIsTooMuchIsRefused_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QString>("encoding");
        QTest::addColumn<int>("status");
        const auto row = [](const char *name, const std::string &file, const char *encoding, int status) {
            QTest::newRow(name) << QByteArray(file.data(), static_cast<qsizetype>(file.size())) << encoding << status;
        };
        row("a million columns", repeated("a,", 1'000'000) + "b\nA-1\n", "", 400);
        row("a field of 60 MB", "Code\n\"" + std::string(60 << 20, 'x') + "\"\n", "", 400);
        row("a quote that never closes", "Code\nA-1\n\"" + repeated("x\n", 20'000'000), "", 400);
        row("65 MB", "Code\n" + std::string(65 << 20, 'x'), "", 413);
        row("a gzip bomb", zipped(std::string(std::size_t{512} << 20, 'x')), "gzip", 413);
        row("a gzip bomb of line ends", zipped(repeated("\n", std::size_t{256} << 20)), "gzip", 413);
        row("gzip in gzip", zipped(zipped("Code\nA-1\nA-2\n")), "gzip", 400);
        row("gzip that nobody announced", zipped("Code\nA-1\nA-2\n"), "", 400);
        row("gzip that is none", "Code\nA-1\nA-2\n", "gzip", 400);
        row("a file name with dots in a zip",
            std::string("PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0", 30) + "../../etc/passwd",
            "", 400);
        row("deep JSON", repeated("[", 1'000'000), "", 400);
        row("JSON of many keys", "[{" + repeated("\"a\":1,", 1'000'000) + "\"b\":1}]", "", 400);
        row("a number beyond all", R"([{"barcode": 1e400}])", "", 400);
        row("JSON with something behind it", R"([{"barcode": "A-1"}] trailing)", "", 400);
        row("NUL after NUL", "Code\n" + std::string(1'000'000, '\0'), "", 400);
        row("only quotes", repeated("\"", 10'000'000), "", 400);
        row("only separators", "Code,Name\n" + repeated(",\n", 2'000'000), "", 400);
        row("marks without end", "Code\nA-1\n" + repeated("\xcc\x81", 5'000'000) + "\n", "", 400);
    }
    void whatIsTooMuchIsRefused()
    {
        QFETCH(QByteArray, file);
        QFETCH(QString, encoding);
        QFETCH(int, status);
        const std::string event = makeEvent();
        const auto answer = give(event, file.toStdString(), "?type=adult", encoding.toStdString());
        QVERIFY2(answer.status == status, qPrintable(text(answer)));
        QVERIFY2(!answer.code().empty() && answer.body.size() < 200'000, qPrintable(text(answer)));
        QCOMPARE(ticketsOf(event), std::size_t{0});
        QCOMPARE(m_server->http().get("/readyz").status, 200);
    }

    void formulasSqlAndOddNamesAreNothingButText()
    {
        const std::string event = makeEvent();
        const std::vector<std::string> names{"=cmd|' /C calc'!A0",
                                             "+1+1",
                                             "-2+3",
                                             "@SUM(1)",
                                             "\tTab",
                                             "'); DROP TABLE ticketing.tickets; --",
                                             "<script>alert(1)</script>",
                                             "javascript:alert(1)",
                                             "\xe2\x80\xaegro",
                                             "a\xe2\x80\x8b"
                                             "b",
                                             "p\xd0\xb0ypal",
                                             "${jndi:ldap://x}",
                                             "%s%n",
                                             "../../etc/passwd"};
        std::string file = "Code,Name\n";
        for (std::size_t i = 0; i < names.size(); ++i)
            file += "N-" + std::to_string(100 + i) + ",\"" + names[i] + "\"\n";
        const auto answer = give(event, file);
        QVERIFY2(answer.status == 200, qPrintable(text(answer)));
        QCOMPARE(ticketsOf(event), names.size());
        const auto list = m_server->http().get("/v1/events/" + event + "/tickets?limit=100", m_token);
        std::vector<std::string> holders;
        const base::Json json = list.json();
        for (const auto &ticket : json.at("data").as_array())
            holders.emplace_back(ticket.at("holder").as_string());
        QVERIFY(std::find(holders.begin(), holders.end(), names[5]) != holders.end());
        // No name turns the writing of what is shown beside it.
        for (const std::string &holder : holders)
            QVERIFY2(holder.find("\xe2\x80\xae") == std::string::npos, holder.c_str());
        QCOMPARE(give(event, file).json().at("unchanged").to_number<std::size_t>(), names.size());
    }

    void queriesOfAnImportThatAreNoneAreNamed_data()
    {
        QTest::addColumn<QString>("query");
        QTest::addColumn<QString>("pointer");
        QTest::newRow("mapping") << "?mapping=code%3DNo%20such"
                                 << "/file";
        QTest::newRow("mapping that is none") << "?mapping=%3D%3D%3D"
                                              << "/mapping";
        QTest::newRow("separator") << "?separator=%5C%5C"
                                   << "/separator";
        QTest::newRow("encoding") << "?encoding=EBCDIC"
                                  << "/encoding";
        QTest::newRow("header") << "?header=perhaps"
                                << "/header";
        QTest::newRow("type") << "?type=royal"
                              << "/types";
        QTest::newRow("skip_bad") << "?skip_bad=perhaps"
                                  << "/skip_bad";
        QTest::newRow("another field") << "?path=/etc/passwd"
                                       << "/path";
    }
    void queriesOfAnImportThatAreNoneAreNamed()
    {
        QFETCH(QString, query);
        QFETCH(QString, pointer);
        const std::string event = makeEvent();
        const auto answer = give(event, "Code\nA-1\nA-2\n", query.toStdString());
        QVERIFY2(answer.status == 400, qPrintable(text(answer)));
        QCOMPARE(QString::fromStdString(std::string(answer.json().at("errors").at(0).at("pointer").as_string())),
                 pointer);
        QCOMPARE(ticketsOf(event), std::size_t{0});
    }

    void manyBadRowsGiveAShortAnswer()
    {
        const std::string event = makeEvent();
        std::string file = rows(20'000);
        for (std::size_t i = 0; i < 20'000; ++i)
            file += ",Nobody " + std::to_string(i) + "\n";
        const auto answer = give(event, file);
        QCOMPARE(answer.code(), std::string("bad_rows"));
        QVERIFY2(answer.body.size() < 100'000, qPrintable(QString::number(answer.body.size())));
        QCOMPARE(ticketsOf(event), std::size_t{0});
        const auto without = give(event, file, "?type=adult&skip_bad=true");
        QVERIFY2(without.status == 200, qPrintable(text(without)));
        QCOMPARE(without.json().at("added").to_number<int>(), 20'000);
        QCOMPARE(without.json().at("left_out").to_number<int>(), 20'000);
    }
};

QTEST_GUILESS_MAIN(HostileImportTest)
#include "hostile_import_test.moc"

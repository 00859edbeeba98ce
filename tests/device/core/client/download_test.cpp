// A file that is fetched in as many attempts as it takes.
#include "device/core/client/curl_transport.h"
#include "device/core/client/resumed_file.h"
#include "tests/support/http_server.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed;
using support::HttpAnswer, support::HttpRequest, support::HttpServer;

namespace {

/// Serves a file with ranges and a version, cut where a test wants.
struct FileServer
{
    std::mutex mutex;
    std::string contents;
    std::string version = "\"v1\"";
    std::optional<std::size_t> cutAfter;
    int parts = 0;
    int wholes = 0;

    HttpAnswer operator()(const HttpRequest &request)
    {
        const std::lock_guard lock(mutex);
        const std::string range = request.field("range");
        HttpAnswer answer{.fields = {{"ETag", version}}, .body = contents, .cutAfter = cutAfter};
        if (range.empty() || request.field("if-range") != version) {
            ++wholes;
            return answer;
        }
        const std::size_t from = std::stoul(range.substr(6));
        if (from >= contents.size())
            return {.status = 416, .fields = {{"Content-Range", "bytes */" + std::to_string(contents.size())}}};
        ++parts;
        answer.status = 206;
        answer.body = contents.substr(from);
        answer.fields.emplace_back("Content-Range", "bytes " + std::to_string(from) + "-" +
                                                        std::to_string(contents.size() - 1) + "/" +
                                                        std::to_string(contents.size()));
        return answer;
    }
};

std::string textOfSize(std::size_t size, int seed)
{
    base::SeededRandom random(static_cast<std::uint64_t>(seed));
    std::string text(size, '\0');
    random.fill(std::as_writable_bytes(std::span(text.data(), text.size())));
    return text;
}

} // namespace

class DownloadTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    FileServer m_files;
    std::unique_ptr<HttpServer> m_server;
    std::unique_ptr<client::Transport> m_transport;

    std::string path() const { return m_folder->filePath("bundle").toStdString(); }
    base::Result<client::Response> get(std::uint64_t sizeMax = 10'000'000)
    {
        return client::fetch(*m_transport, {.target = "/snapshot", .download = client::Download{path(), sizeMax}});
    }
    std::string fetched() const
    {
        QFile file(QString::fromStdString(path()));
        return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
    }

private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_files.contents = textOfSize(1'000'000, 1);
        m_files.version = "\"v1\"";
        m_files.cutAfter.reset();
        m_files.parts = m_files.wholes = 0;
        m_server = std::make_unique<HttpServer>([this](const HttpRequest &request) { return m_files(request); });
        m_transport = client::makeCurlTransport({.server = m_server->url()});
    }
    void cleanup()
    {
        m_transport.reset();
        m_server.reset();
    }

    void itComesWhole()
    {
        const auto answer = get();
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QVERIFY(answer->status == 200 && answer->body.empty());
        QVERIFY(fetched() == m_files.contents);
    }

    void whatWasCutOffGoesOnWhereItStopped()
    {
        m_files.cutAfter = 300'000;
        int attempts = 0;
        while (!get() && ++attempts < 20) {}
        QVERIFY(fetched() == m_files.contents);
        QCOMPARE(m_files.wholes, 1);
        QCOMPARE(m_files.parts, 3); // the last of which was short enough
    }

    void anotherVersionBeginsAnew()
    {
        m_files.cutAfter = 300'000;
        QVERIFY(!get());
        m_files.contents = textOfSize(500'000, 2);
        m_files.version = "\"v2\"";
        m_files.cutAfter.reset();
        QVERIFY(get());
        QVERIFY(fetched() == m_files.contents);
        QCOMPARE(m_files.wholes, 2);
        QCOMPARE(m_files.parts, 0);
    }

    void withoutAVersionNothingIsResumed()
    {
        m_files.version = "";
        m_files.cutAfter = 300'000;
        QVERIFY(!get());
        m_files.cutAfter.reset();
        QVERIFY(get());
        QVERIFY(fetched() == m_files.contents);
        QCOMPARE(m_files.wholes, 2);
    }

    void whatIsThereAndTooLongIsThrownAway()
    {
        QVERIFY(get());
        const auto whole = get(); // asks for what is behind the end
        QVERIFY(whole && whole->status == 416);
        QVERIFY(fetched().empty());
        QVERIFY(get());
        QVERIFY(fetched() == m_files.contents);
    }

    void aFileThatIsTooLongIsNotTaken()
    {
        const auto answer = get(999'999);
        QVERIFY(!answer && answer.error().code == base::ErrorCode::Invalid);
        QVERIFY(fetched().size() <= 999'999);
    }

    void anotherAnswerIsNotTheFile()
    {
        m_server = std::make_unique<HttpServer>(
            [](const HttpRequest &) { return HttpAnswer{.status = 404, .body = "{\"title\":\"Not found\"}"}; });
        m_transport = client::makeCurlTransport({.server = m_server->url()});
        const auto answer = get();
        QVERIFY(answer && answer->status == 404 && !answer->body.empty());
        QVERIFY(!QFile::exists(QString::fromStdString(path())));
    }

    void aPartThatWasNotAskedForIsNotPutIn_data()
    {
        QTest::addColumn<QString>("range");
        QTest::newRow("from the start") << "bytes 0-999999/1000000";
        QTest::newRow("further behind") << "bytes 300001-999999/1000000";
        QTest::newRow("none named") << "";
        QTest::newRow("garbage") << "bytes x-y/z";
    }
    void aPartThatWasNotAskedForIsNotPutIn()
    {
        QFETCH(QString, range);
        m_files.cutAfter = 300'000;
        QVERIFY(!get());
        const std::string before = fetched();
        m_server = std::make_unique<HttpServer>([&](const HttpRequest &) {
            return HttpAnswer{
                .status = 206, .fields = {{"Content-Range", range.toStdString()}}, .body = std::string(100, 'x')};
        });
        m_transport = client::makeCurlTransport({.server = m_server->url()});
        QVERIFY(!get());
        QVERIFY(fetched() == before);
    }

    void theVersionNeverNamesOtherBytes()
    {
        client::ResumedFile file(path());
        QVERIFY(file.begin("\"v1\""));
        QVERIFY(file.write(base::bytesOf("abc")));
        QVERIFY((client::ResumedFile(path()).part() == client::ResumedFile::Part{3, "\"v1\""}));
        client::ResumedFile other(path());
        QVERIFY(other.begin(""));
        QVERIFY(other.write(base::bytesOf("xyz")));
        QVERIFY(client::ResumedFile(path()).part() == client::ResumedFile::Part{});
        client::ResumedFile(path()).forget();
        QVERIFY(!QFile::exists(QString::fromStdString(path())));
    }
};

QTEST_GUILESS_MAIN(DownloadTest)
#include "download_test.moc"

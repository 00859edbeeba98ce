#include "device/hal/stream/stream_source.h"

#include <QtTest/QtTest>

#include <fcntl.h>
#include <unistd.h>

#include <utility>

using namespace voelgoed;
using namespace voelgoed::hal;

namespace {

/// Both ends of a pipe; the reading end does not block.
class Pipe
{
public:
    Pipe() { base::ensure(::pipe2(m_ends, O_CLOEXEC | O_NONBLOCK) == 0, "a pipe"); }
    ~Pipe()
    {
        close();
        ::close(m_ends[0]);
    }
    Pipe(const Pipe &) = delete;
    Pipe &operator=(const Pipe &) = delete;

    int reading() const { return m_ends[0]; }
    bool send(const QByteArray &bytes)
    {
        return ::write(m_ends[1], bytes.constData(), static_cast<std::size_t>(bytes.size())) == bytes.size();
    }
    void close()
    {
        if (m_ends[1] >= 0)
            ::close(std::exchange(m_ends[1], -1));
    }

private:
    int m_ends[2] = {-1, -1};
};

QByteArrayList taken(CodeSource &source)
{
    QByteArrayList texts;
    const auto codes = source.take();
    if (!codes)
        return {"failed"};
    for (const CodeRead &code : *codes) {
        const std::string_view text = base::textOf(code.code);
        texts << QByteArray(text.data(), static_cast<qsizetype>(text.size()));
    }
    return texts;
}

} // namespace

/// Codes from a descriptor that is open already.
class StreamSourceTest : public QObject
{
    Q_OBJECT

private slots:
    void aLineIsACodeOnceItsEndHasCome()
    {
        Pipe pipe;
        StreamSource source(pipe.reading(), "standard input");
        QCOMPARE(source.descriptor(), pipe.reading());
        QCOMPARE(source.waitMs(), -1);
        QVERIFY2(taken(source).isEmpty(), "nothing came, and nothing blocks");
        QVERIFY(pipe.send("one\ntw"));
        QCOMPARE(taken(source), QByteArrayList{"one"});
        QVERIFY2(taken(source).isEmpty(), "a line may come as slowly as it likes");
        QVERIFY(pipe.send("o\r\n\r\nthree\n"));
        QCOMPARE(taken(source), (QByteArrayList{"two", "three"}));
        QVERIFY(!source.hasEnded());
    }

    void aByteOrderMarkIsNoPartOfTheFirstCode()
    {
        Pipe pipe;
        StreamSource source(pipe.reading(), "standard input");
        QVERIFY(pipe.send("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n"));
        QCOMPARE(taken(source), (QByteArrayList{"one", "\xEF\xBB\xBFtwo"}));
    }

    void theLastLineNeedsNoEnd_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QByteArrayList>("codes");
        QTest::addColumn<QByteArrayList>("atTheEnd");
        QTest::newRow("no line end") << QByteArray("a\nb") << QByteArrayList{"a"} << QByteArrayList{"b"};
        QTest::newRow("a line end") << QByteArray("a\nb\n") << QByteArrayList{"a", "b"} << QByteArrayList();
        QTest::newRow("blank lines") << QByteArray("a\n\n\n") << QByteArrayList{"a"} << QByteArrayList();
    }
    void theLastLineNeedsNoEnd()
    {
        QFETCH(QByteArray, input);
        QFETCH(QByteArrayList, codes);
        QFETCH(QByteArrayList, atTheEnd);
        Pipe pipe;
        StreamSource source(pipe.reading(), "standard input");
        QVERIFY(pipe.send(input));
        pipe.close();
        QCOMPARE(taken(source), codes);
        QVERIFY(!source.hasEnded());
        QCOMPARE(taken(source), atTheEnd);
        QVERIFY(source.hasEnded());
        QCOMPARE(source.descriptor(), -1);
    }

    void nothingAtAllIsTheEnd()
    {
        Pipe pipe;
        StreamSource source(pipe.reading(), "standard input");
        pipe.close();
        QVERIFY(taken(source).isEmpty());
        QVERIFY(source.hasEnded());
    }

    void moreThanATakeReadsIsNotLost()
    {
        Pipe pipe;
        StreamSource source(pipe.reading(), "standard input");
        QByteArray input;
        QByteArrayList expected, got;
        for (int i = 0; i < 5'000; ++i) {
            expected << "code-" + QByteArray::number(i);
            input += expected.last() + "\n";
        }
        QVERIFY(pipe.send(input));
        pipe.close();
        while (!source.hasEnded())
            got += taken(source);
        QCOMPARE(got, expected);
    }

    void aDescriptorThatCannotBeReadIsNamedAndIsTheEnd()
    {
        StreamSource source(-1, "standard input");
        const auto codes = source.take();
        QVERIFY(!codes);
        QCOMPARE(codes.error().code, base::ErrorCode::Unavailable);
        QVERIFY(codes.error().message.starts_with("standard input: "));
        QVERIFY(source.hasEnded());
    }

    void theDescriptorStaysItsOwners()
    {
        Pipe pipe;
        {
            StreamSource source(pipe.reading(), "standard input");
        }
        QVERIFY(::fcntl(pipe.reading(), F_GETFD) >= 0);
    }
};

QTEST_APPLESS_MAIN(StreamSourceTest)
#include "stream_source_test.moc"

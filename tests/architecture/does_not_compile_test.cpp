#include "tests/support/places.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed;

namespace {

struct Answer
{
    bool isCompiled = false;
    QString said;
};

/// What the compiler makes of a file with this text.
Answer compiled(const QString &text)
{
    const QTemporaryDir folder;
    QFile file(folder.filePath("source.cpp"));
    if (!file.open(QIODevice::WriteOnly))
        return {.said = "no file"};
    file.write(text.toUtf8());
    file.close();
    QProcess compiler;
    compiler.start("clang++-16", {"-std=c++20", "-fsyntax-only", "-I", test::sourceFolder(), file.fileName()});
    if (!compiler.waitForFinished(250'000))
        return {.said = "the compiler does not come to an end"};
    return {compiler.exitCode() == 0, QString::fromUtf8(compiler.readAllStandardError()).left(4'000)};
}

const char *const kAction = R"(
#include "server/platform/actions/action.h"
using namespace voelgoed;
actions::Declaration declared()
{
    return {.name = "events.show", .method = http::Method::Get, .route = "/v1/events/{event}", .summary = "One event",%1};
}
)";

} // namespace

/// What the types are there to forbid: each text here compiles but for the one thing that is wrong with it.
class DoesNotCompileTest : public QObject
{
    Q_OBJECT

private slots:
    // The owner's check 19: nobody forgets to say who may.
    void anActionNeedsAPolicy()
    {
        const Answer with = compiled(QString(kAction).arg(" .policy = access::Policy::signedIn()"));
        QVERIFY2(with.isCompiled, qPrintable(with.said));
        const Answer without = compiled(QString(kAction).arg(""));
        QVERIFY(!without.isCompiled);
        QVERIFY2(without.said.contains("Policy"), qPrintable(without.said));
    }
};

QTEST_APPLESS_MAIN(DoesNotCompileTest)
#include "does_not_compile_test.moc"

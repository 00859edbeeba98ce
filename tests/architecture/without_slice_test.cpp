#include "tests/architecture/slices.h"
#include "tests/support/places.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed;

namespace {

const QString kBuild = QDir(QString(test::programFolder()) + "/..").canonicalPath();
const QString kComposition = QString(test::sourceFolder()) + "/server/app/composition.cpp";

QString contentsOf(const QString &name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// What a command of the build says against itself; nothing when it does well.
QString run(const QString &command)
{
    QProcess shell;
    shell.setWorkingDirectory(kBuild);
    shell.setProcessChannelMode(QProcess::MergedChannels);
    shell.start("/bin/sh", {"-c", command});
    if (!shell.waitForFinished(280'000))
        return "does not come to an end";
    return shell.exitCode() == 0 ? QString() : QString::fromUtf8(shell.readAll()).left(3'000);
}

/// How this build compiles the composition.
QString compileCommand()
{
    const auto commands = QJsonDocument::fromJson(contentsOf(kBuild + "/compile_commands.json").toUtf8()).array();
    for (const QJsonValue &command : commands) {
        if (command["file"].toString() == kComposition)
            return command["command"].toString();
    }
    return {};
}

/// How this build links the server.
QString linkCommand()
{
    QProcess ninja;
    ninja.start("ninja", {"-C", kBuild, "-t", "commands", "bin/voelgoed-server"});
    if (!ninja.waitForFinished(60'000))
        return {};
    return QString::fromUtf8(ninja.readAllStandardOutput()).trimmed().section('\n', -1);
}

} // namespace

/// The server is built without each of its slices in turn: the composition without the slice's lines is compiled, and
/// linked with everything but the slice's library. That nothing else would be compiled otherwise, slices_test says.
class WithoutSliceTest : public QObject
{
    Q_OBJECT

private slots:
    void theServerBuildsWithoutIt_data()
    {
        QTest::addColumn<QString>("slice");
        const auto slices = architecture::slicesOf(contentsOf(kComposition).toStdString());
        QVERIFY(slices.size() > 3);
        for (const std::string &slice : slices)
            QTest::addRow("%s", slice.c_str()) << QString::fromStdString(slice);
    }
    void theServerBuildsWithoutIt()
    {
        QFETCH(QString, slice);
        const std::string whole = contentsOf(kComposition).toStdString();
        const std::string rest = architecture::compositionWithout(whole, slice.toStdString());
        QVERIFY(rest != whole);
        QTemporaryDir folder;
        const QString source = folder.filePath("composition.cpp"), object = folder.filePath("composition.o");
        QFile file(source);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(rest.c_str());
        file.close();

        QString compile = compileCommand();
        static const QRegularExpression kOutput(" -o \\S+ ");
        QVERIFY(compile.contains(kOutput) && compile.contains(kComposition));
        // Whether it links is no matter of how fast it would be.
        compile.replace(kOutput, " -O0 -U_FORTIFY_SOURCE -o " + object + " ").replace(kComposition, source);
        const QString said = run(compile);
        QVERIFY2(said.isEmpty(), qPrintable(said));

        QString link = linkCommand();
        static const QRegularExpression kTo(" -o bin/voelgoed-server ");
        const QRegularExpression library("\\S*server/slices/" + slice + "/\\S+\\.a ");
        QVERIFY2(link.contains(kTo) && link.contains(library), qPrintable(link));
        // Before the library in which the whole composition lies, so that this one is taken.
        link.replace(kTo, " -o " + folder.filePath("server") + " " + object + " ").remove(library);
        const QString complaint = run(link);
        QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
        QVERIFY(QFileInfo(folder.filePath("server")).isExecutable());
    }

    /// The check can fail: a composition that still names the slice is not linked without it.
    void whatIsStillNamedIsMissed()
    {
        QTemporaryDir folder;
        QString link = linkCommand();
        static const QRegularExpression kTo(" -o bin/voelgoed-server "), kAudit("\\S*server/slices/audit/\\S+\\.a ");
        link.replace(kTo, " -o " + folder.filePath("server") + " ").remove(kAudit);
        QVERIFY(run(link).contains("audit::make"));
    }
};

QTEST_APPLESS_MAIN(WithoutSliceTest)
#include "without_slice_test.moc"

#include "tests/architecture/rules.h"
#include "tests/architecture/source.h"
#include "tests/support/places.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <memory>

using namespace voelgoed;

namespace {

/// What the formatter says about files below a folder; nothing if all are as it would write them.
QString formatComplaints(const QString &root, const QStringList &files)
{
    QProcess format;
    format.setWorkingDirectory(root);
    format.start("clang-format-16", QStringList{"--dry-run", "-Werror"} + files);
    if (!format.waitForFinished(120'000))
        return "the formatter does not come to an end";
    const QString complaints = QString::fromUtf8(format.readAllStandardError());
    return format.exitCode() == 0 ? QString() : "./run format mends this:\n" + complaints.left(2'000);
}

/// What the compiler says about headers, each taken alone. Several to a process, two processes at a time.
QString compilerComplaints(const QString &root, const QStringList &headers)
{
    QProcess flags;
    flags.start("pkg-config", {"--cflags", "pangocairo", "cairo-pdf"});
    flags.waitForFinished();
    QStringList arguments = QString(flags.readAllStandardOutput()).split(' ', Qt::SkipEmptyParts);
    for (QString &argument : arguments)
        argument = argument.trimmed();
    arguments << "-std=c++20"
              << "-fsyntax-only"
              << "-x"
              << "c++-header"
              << "-Wno-pragma-once-outside-header"
              << "-I" << root << "-isystem"
              << "/usr/include/opencv4";
    std::vector<std::unique_ptr<QProcess>> processes;
    for (int half = 0; half < 2; ++half) {
        QStringList mine = arguments;
        for (qsizetype i = half; i < headers.size(); i += 2)
            mine << root + "/" + headers[i];
        if (mine.size() == arguments.size())
            continue;
        processes.push_back(std::make_unique<QProcess>());
        processes.back()->start("clang++-16", mine);
    }
    QString complaints;
    for (const auto &process : processes) {
        if (!process->waitForFinished(800'000))
            complaints += "the compiler does not come to an end";
        else if (process->exitCode() != 0)
            complaints += QString::fromUtf8(process->readAllStandardError());
    }
    return complaints.left(4'000);
}

void put(const QTemporaryDir &folder, const QString &name, const QByteArray &contents)
{
    QFile file(folder.filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(contents) != contents.size())
        qFatal("cannot write a test's file");
}

} // namespace

class CompileAloneTest : public QObject
{
    Q_OBJECT

private slots:
    void everySourceIsFormatted()
    {
        QStringList files;
        for (const architecture::Source &source : architecture::sources(test::sourceFolder()))
            files << QString::fromStdString(source.path);
        QVERIFY(files.size() > 300);
        const QString complaints = formatComplaints(test::sourceFolder(), files);
        QVERIFY2(complaints.isEmpty(), qPrintable(complaints));
    }

    void aSourceThatIsNotFormattedIsFound()
    {
        QTemporaryDir tree;
        QVERIFY(QFile::copy(QString(test::sourceFolder()) + "/.clang-format", tree.filePath(".clang-format")));
        put(tree, "good.cpp", "int answer()\n{\n    return 42;\n}\n");
        put(tree, "bad.cpp", "int answer() {\n  return 42; }\n");
        QCOMPARE(formatComplaints(tree.path(), {"good.cpp"}), QString());
        QVERIFY(formatComplaints(tree.path(), {"good.cpp", "bad.cpp"}).contains("bad.cpp"));
        QVERIFY(!formatComplaints(tree.path(), {"gone.cpp"}).isEmpty());
    }

    /// Those that have a source of their name do with every build: it includes them first (a rule of the tree).
    void everyOtherHeaderCompilesAlone()
    {
        QStringList headers;
        for (const std::string &header : architecture::headersWithoutSource(test::sourceFolder()))
            headers << QString::fromStdString(header);
        QVERIFY(headers.size() > 10);
        const QString complaints = compilerComplaints(test::sourceFolder(), headers);
        QVERIFY2(complaints.isEmpty(), qPrintable(complaints));
    }

    void aHeaderThatLeansOnAnotherIsFound()
    {
        QTemporaryDir tree;
        put(tree, "whole.h", "#pragma once\n#include <string>\nstd::string name();\n");
        put(tree, "leaning.h", "#pragma once\nstd::string name();\n");
        QCOMPARE(compilerComplaints(tree.path(), {"whole.h"}), QString());
        QVERIFY(compilerComplaints(tree.path(), {"leaning.h"}).contains("leaning.h"));
        QVERIFY(compilerComplaints(tree.path(), {"whole.h", "leaning.h"}).contains("leaning.h"));
    }
};

QTEST_APPLESS_MAIN(CompileAloneTest)
#include "compile_alone_test.moc"

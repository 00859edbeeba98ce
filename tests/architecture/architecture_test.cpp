#include "tests/architecture/rules.h"
#include "tests/architecture/source.h"
#include "tests/support/places.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <fstream>

using namespace voelgoed;
namespace fs = std::filesystem;

namespace {

QString listed(const std::vector<architecture::Violation> &violations)
{
    QString text;
    for (const auto &violation : violations)
        text += QString("\n  %1: %2").arg(violation.file.c_str(), violation.what.c_str());
    return text;
}

void put(const fs::path &file, const std::string &contents)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file) << contents;
}

} // namespace

class ArchitectureTest : public QObject
{
    Q_OBJECT

private slots:
    void theTreeKeepsItsRules()
    {
        const auto found = architecture::violations(test::sourceFolder());
        QVERIFY2(found.empty(), qPrintable(listed(found)));
    }

    void noFoldersIncludeEachOtherInACircle()
    {
        const auto cycles = architecture::folderCycles(test::sourceFolder());
        QVERIFY2(cycles.empty(), cycles.empty() ? "" : cycles.front().c_str());
    }

    void aSeededViolationIsFound_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("contents");
        QTest::addColumn<QString>("complaint");
        const auto row = [](const char *name, const char *file, const char *contents, const char *complaint) {
            QTest::newRow(name) << file << contents << complaint;
        };
        row("upwards", "shared/base/a.h", "#pragma once\n#include \"shared/domain/x.h\"\n", "may not include");
        row("sideways", "shared/ticket/a.cpp", "#include \"shared/admission/x.h\"\n", "may not include");
        row("hal into a verb", "device/gate/run.cpp", "#include \"device/hal/x/x.h\"\n", "may not include");
        row("core into the server's", "device/core/scan/a.cpp", "#include \"server/x.h\"\n", "may not include");
        row("tests into product", "device/core/scan/a.cpp", "#include \"tests/support/x.h\"\n", "may not include");
        row("a folder without a row", "device/fridge/a.cpp", "\n", "no row");
        row("not rooted", "device/core/scan/a.cpp", "#include \"engine.h\"\n", "not rooted");
        row("SQLite elsewhere", "device/core/journal/a.cpp", "#include <sqlite3.h>\n", "library");
        row("OpenSSL elsewhere", "device/core/scan/a.cpp", "#include <openssl/evp.h>\n", "library");
        row("OpenSSL in a header", "shared/ticket/a.h", "#pragma once\n#include <openssl/evp.h>\n", "out of headers");
        row("ZXing elsewhere", "device/gate/decode.cpp", "#include <ZXing/ReadBarcode.h>\n", "library");
        row("Qt in shared", "shared/domain/a.cpp", "#include <QString>\n", "library");
        row("files in shared", "shared/admission/a.cpp", "#include <fstream>\n", "no files");
        row("threads in shared", "shared/admission/a.cpp", "#include <thread>\n", "no files");
        row("generated types elsewhere", "device/core/scan/a.cpp", "#include \"shared/protocol/row.pb.h\"\n",
            "generated");
        row("without a blank", "shared/domain/a.cpp", "#include<fstream>\n", "no files");
        row("indented", "shared/domain/a.cpp", "  #include <fstream>\n", "no files");
        row("a blank behind the sign", "shared/domain/a.cpp", "# include <fstream>\n", "no files");
        row("behind a comment", "shared/domain/a.cpp", "/* x */ #include <fstream>\n", "no files");
        row("over two lines", "shared/domain/a.cpp", "#include \\\n<fstream>\n", "no files");
        row("by a macro", "shared/domain/a.cpp", "#define X <fstream>\n#include X\n", "cannot be read");
        row("import", "shared/domain/a.cpp", "import <fstream>;\n", "cannot be read");
        row("another ending", "shared/domain/a.hpp", "#pragma once\n", "neither .h nor .cpp");
        row("another ending of a source", "device/core/scan/a.cc", "#include <sqlite3.h>\n", "library");
        row("Qt with its module", "shared/domain/a.cpp", "#include <QtCore/QString>\n", "library");
        row("Qt Quick in the core", "device/core/scan/a.cpp", "#include <QtQuick/QQuickItem>\n", "library");
        row("a class of Qt Quick in the gate", "device/gate/run.cpp", "#include <QQuickView>\n", "library");
        row("a library that nobody knows", "device/core/scan/a.cpp", "#include <libevdev-1.0/libevdev.h>\n", "no row");
        row("another one", "device/core/scan/a.cpp", "#include <gpiod.hpp>\n", "no row");
        row("Boost beyond JSON", "shared/base/a.cpp", "#include <boost/asio.hpp>\n", "no row");
        row("C time in shared", "shared/domain/a.cpp", "#include <ctime>\n", "clock");
        row("chance in shared", "shared/domain/a.cpp", "#include <random>\n", "no files");
        row("waiting in shared", "shared/domain/a.cpp", "#include <condition_variable>\n", "threads");
        row("the system in shared", "shared/domain/a.cpp", "#include <sys/stat.h>\n", "system");
        row("the clock in shared", "shared/domain/a.cpp", "auto a = std::chrono::system_clock::now();\n", "clock");
        row("a file in shared", "shared/domain/a.cpp", "auto *f = fopen(name, \"r\");\n", "no files");
        row("the environment in shared", "shared/domain/a.cpp", "auto *e = std::getenv(name);\n", "system");
        row("C time in shared, in full", "shared/domain/a.cpp", "auto t = std::time(nullptr);\n", "clock");
        row("C time in shared, in short", "shared/domain/a.cpp", "auto t = time(nullptr);\n", "clock");
        row("another clock in shared", "shared/domain/a.cpp", "auto t = std::chrono::utc_clock::now();\n", "clock");
        row("the clock of files in shared", "shared/domain/a.cpp", "std::chrono::file_clock::now();\n", "clock");
        row("a command in shared", "shared/domain/a.cpp", "int x = std::system(\"ls\");\n", "system");
        row("a command in shared, in short", "shared/domain/a.cpp", "int x = system(\"ls\");\n", "system");
        row("a file goes, in shared", "shared/domain/a.cpp", "std::remove(name);\n", "no files");
        row("a file is renamed in shared", "shared/domain/a.cpp", "std::rename(a, b);\n", "no files");
        row("printing in shared", "shared/domain/a.cpp", "fputs(text, out);\n", "no files");
        row("writing in shared", "shared/domain/a.cpp", "fwrite(text, 1, 1, out);\n", "no files");
        row("one family of hardware in another", "device/hal/y/a.cpp", "#include \"device/hal/x/x.h\"\n",
            "may not include");
        row("hardware that knows tickets", "device/hal/y/a.cpp", "#include \"shared/domain/x.h\"\n", "may not include");
        row("through the back door", "device/gate/run.cpp", "#include \"device/gate/../hal/x/x.h\"\n", "not rooted");
        row("own header second", "shared/domain/x.cpp", "#include <string>\n\n#include \"shared/domain/x.h\"\n",
            "own header first");
        row("no pragma once", "shared/base/a.h", "int x;\n", "pragma once");
    }
    void aSeededViolationIsFound()
    {
        QFETCH(QString, file);
        QFETCH(QString, contents);
        QFETCH(QString, complaint);
        QTemporaryDir tree;
        const fs::path root(tree.path().toStdString());
        for (const char *there :
             {"shared/domain/x.h", "shared/admission/x.h", "device/hal/x/x.h", "tests/support/x.h", "server/x.h"})
            put(root / there, "#pragma once\n");
        fs::remove_all(root / "server");
        put(root / file.toStdString(), contents.toStdString());
        const auto found = architecture::violations(root);
        const bool complained = std::any_of(found.begin(), found.end(), [&](const auto &violation) {
            return violation.file == file.toStdString() &&
                   violation.what.find(complaint.toStdString()) != std::string::npos;
        });
        QVERIFY2(complained, qPrintable(listed(found)));
    }

    void whatIsOnlySpokenOfIsNoViolation()
    {
        QTemporaryDir tree;
        const fs::path root(tree.path().toStdString());
        put(root / "shared/domain/a.cpp", "// #include <fstream>\n/*\n#include <thread>\n*/\n"
                                          "const char *a = \"fopen system_clock\";\n"
                                          "const char *b = R\"x(\n#include <mutex>\n)x\";\n"
                                          "int filesystem_clock = 1'000; // rand\n");
        const auto found = architecture::violations(root);
        QVERIFY2(found.empty(), qPrintable(listed(found)));
    }

    void aFileThatIsTooLongIsFound()
    {
        QTemporaryDir tree;
        put(fs::path(tree.path().toStdString()) / "shared/base/a.cpp", std::string(401, '\n'));
        QCOMPARE(architecture::violations(tree.path().toStdString()).size(), std::size_t{1});
    }

    void aCircleIsFound()
    {
        QTemporaryDir tree;
        const fs::path root(tree.path().toStdString());
        put(root / "device/core/a/a.h", "#pragma once\n#include \"device/core/b/b.h\"\n");
        put(root / "device/core/b/b.h", "#pragma once\n#include \"device/core/a/a.h\"\n");
        QCOMPARE(architecture::folderCycles(root).size(), std::size_t{1});
    }
};

QTEST_APPLESS_MAIN(ArchitectureTest)
#include "architecture_test.moc"

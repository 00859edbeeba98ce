#include "tests/architecture/links.h"
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

/// A tree in which everybody links what they may.
void putLibraries(const fs::path &root)
{
    put(root / "shared/base/CMakeLists.txt", "voelgoed_library(base\n SOURCES a.cpp\n LINKS Boost::json)\n"
                                             "voelgoed_library(crypto SOURCES crypto/a.cpp LINKS base\n"
                                             "  PRIVATE_LINKS OpenSSL::Crypto) # SQLite::SQLite3\n");
    put(root / "shared/domain/CMakeLists.txt", "voelgoed_library(domain SOURCES a.cpp LINKS base)\n");
    put(root / "shared/admission/CMakeLists.txt", "voelgoed_library(admission SOURCES a.cpp LINKS domain)\n");
    put(root / "device/core/hal/CMakeLists.txt", "voelgoed_library(core_hal SOURCES a.cpp LINKS domain)\n");
    put(root / "device/hal/x/CMakeLists.txt", "voelgoed_library(hal_x SOURCES a.cpp LINKS core_hal)\n");
    put(root / "device/gate/CMakeLists.txt",
        "voelgoed_library(verbs SOURCES run.cpp LINKS admission)\n"
        "voelgoed_program(gate SOURCES main.cpp LINKS verbs hal_x CLI11::CLI11)\n");
}

} // namespace

class LinksTest : public QObject
{
    Q_OBJECT

private slots:
    void everybodyLinksWhatTheyMayInclude()
    {
        const auto found = architecture::linkViolations(test::sourceFolder());
        QVERIFY2(found.empty(), qPrintable(listed(found)));
    }

    void aTreeInOrderHasNoViolation()
    {
        QTemporaryDir tree;
        putLibraries(tree.path().toStdString());
        const auto found = architecture::linkViolations(tree.path().toStdString());
        QVERIFY2(found.empty(), qPrintable(listed(found)));
    }

    void aSeededViolationIsFound_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("contents");
        QTest::addColumn<QString>("complaint");
        const auto row = [](const char *name, const char *file, const char *contents, const char *complaint) {
            QTest::newRow(name) << file << contents << complaint;
        };
        row("upwards", "shared/domain/CMakeLists.txt", "voelgoed_library(domain SOURCES a.cpp LINKS base admission)\n",
            "domain may not link admission");
        row("in private", "shared/domain/CMakeLists.txt",
            "voelgoed_library(domain SOURCES a.cpp LINKS base PRIVATE_LINKS verbs)\n", "domain may not link verbs");
        row("sideways", "shared/ticket/CMakeLists.txt", "voelgoed_library(ticket SOURCES a.cpp LINKS admission)\n",
            "ticket may not link admission");
        row("one family of hardware in another", "device/hal/y/CMakeLists.txt",
            "voelgoed_library(hal_y SOURCES a.cpp LINKS core_hal hal_x)\n", "hal_y may not link hal_x");
        row("hardware into the verbs", "device/gate/CMakeLists.txt",
            "voelgoed_library(verbs SOURCES run.cpp LINKS hal_x)\n", "verbs may not link hal_x");
        row("a library elsewhere", "shared/admission/CMakeLists.txt",
            "voelgoed_library(admission SOURCES a.cpp LINKS domain SQLite::SQLite3)\n",
            "admission may not link SQLite::SQLite3");
        row("a library that nobody knows", "shared/domain/CMakeLists.txt",
            "voelgoed_library(domain SOURCES a.cpp LINKS base ssh2)\n", "domain may not link ssh2");
        row("behind", "shared/domain/CMakeLists.txt",
            "voelgoed_library(domain SOURCES a.cpp)\ntarget_link_libraries(domain PUBLIC ZXing::ZXing)\n",
            "domain may not link ZXing::ZXing");
    }
    void aSeededViolationIsFound()
    {
        QFETCH(QString, file);
        QFETCH(QString, contents);
        QFETCH(QString, complaint);
        QTemporaryDir tree;
        const fs::path root(tree.path().toStdString());
        putLibraries(root);
        put(root / file.toStdString(), contents.toStdString());
        const auto found = architecture::linkViolations(root);
        QVERIFY2(found.size() == 1, qPrintable(listed(found)));
        QCOMPARE(QString::fromStdString(found[0].file), file);
        QCOMPARE(QString::fromStdString(found[0].what), complaint);
    }
};

QTEST_APPLESS_MAIN(LinksTest)
#include "links_test.moc"

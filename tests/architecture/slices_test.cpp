#include "tests/architecture/slices.h"
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

constexpr const char *kComposition = R"(#include "server/app/composition.h"

#include "server/slices/one/module.h"
#include "server/slices/two/module.h"

namespace app {

Slices makeSlices(Kernel &kernel)
{
    Slices slices;
    auto one = one::make(kernel);
    slices.push_back(std::move(one.slice));
    auto two = two::make(kernel,
                         *one.things);
    slices.push_back(std::move(two));
    return slices;
}

} // namespace app
)";

/// Two slices, each a folder of its own.
void putSlices(const fs::path &root)
{
    put(root / "server/app/composition.cpp", kComposition);
    put(root / "server/app/CMakeLists.txt",
        "voelgoed_library(app SOURCES composition.cpp LINKS slice_one slice_two)\n");
    put(root / "server/slices/CMakeLists.txt", "add_subdirectory(one)\nadd_subdirectory(two)\n");
    for (const std::string name : {"one", "two"}) {
        const fs::path folder = root / "server/slices" / name;
        put(folder / "module.h", "#pragma once\n");
        put(folder / "module.cpp", "#include \"server/slices/" + name + "/module.h\"\n");
        put(folder / "CMakeLists.txt", "voelgoed_library(slice_" + name + " SOURCES module.cpp)\n");
    }
}

} // namespace

class SlicesTest : public QObject
{
    Q_OBJECT

private slots:
    void nothingButTheCompositionHoldsOnToASlice_data()
    {
        QTest::addColumn<QString>("slice");
        for (const std::string &name : architecture::sliceNames(test::sourceFolder()))
            QTest::addRow("%s", name.c_str()) << QString::fromStdString(name);
    }
    void nothingButTheCompositionHoldsOnToASlice()
    {
        QFETCH(QString, slice);
        const auto ties = architecture::tiesTo(test::sourceFolder(), slice.toStdString());
        QVERIFY2(ties.empty(), qPrintable(listed(ties)));
    }

    void slicesInOrderHaveNoTies()
    {
        QTemporaryDir tree;
        const fs::path root(tree.path().toStdString());
        putSlices(root);
        QCOMPARE(architecture::sliceNames(root), (std::vector<std::string>{"one", "two"}));
        for (const char *slice : {"one", "two"}) {
            const auto ties = architecture::tiesTo(root, slice);
            QVERIFY2(ties.empty(), qPrintable(listed(ties)));
        }
    }

    void aSeededTieIsFound_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("contents");
        QTest::addColumn<QString>("what");
        QTest::newRow("another slice includes it")
            << "server/slices/two/extra.cpp" << QByteArray("#include \"server/slices/one/module.h\"\n")
            << "includes server/slices/one/module.h";
        QTest::newRow("the platform includes it")
            << "server/platform/x/x.cpp" << QByteArray("#include \"server/slices/one/store.h\"\n")
            << "includes server/slices/one/store.h";
        QTest::newRow("the composition includes more than its module")
            << "server/app/composition.cpp" << QByteArray("#include \"server/slices/one/store.h\"\n")
            << "includes server/slices/one/store.h";
        QTest::newRow("another slice links it")
            << "server/slices/two/CMakeLists.txt"
            << QByteArray("voelgoed_library(slice_two SOURCES module.cpp LINKS\n    slice_one)\n") << "links slice_one";
    }
    void aSeededTieIsFound()
    {
        QFETCH(QString, file);
        QFETCH(QByteArray, contents);
        QFETCH(QString, what);
        QTemporaryDir tree;
        const fs::path root(tree.path().toStdString());
        putSlices(root);
        put(root / file.toStdString(), contents.toStdString());
        const auto ties = architecture::tiesTo(root, "one");
        QVERIFY2(ties.size() == 1, qPrintable(listed(ties)));
        QCOMPARE(QString::fromStdString(ties[0].file), file);
        QCOMPARE(QString::fromStdString(ties[0].what), what);
    }

    void aSlicesLinesGoWithWhatNeedsThem()
    {
        const std::string withoutTwo = architecture::compositionWithout(kComposition, "two");
        QVERIFY(withoutTwo.find("two") == std::string::npos);
        QVERIFY(withoutTwo.find("auto one = one::make(kernel);") != std::string::npos);
        QVERIFY(withoutTwo.find("return slices;") != std::string::npos);
        const std::string withoutOne = architecture::compositionWithout(kComposition, "one");
        QVERIFY(withoutOne.find("make(") == std::string::npos);
        QVERIFY(withoutOne.find("Slices slices;") != std::string::npos);
        QCOMPARE(architecture::slicesOf(kComposition), (std::vector<std::string>{"one", "two"}));
        QCOMPARE(architecture::slicesOf(withoutOne), std::vector<std::string>{"two"});
        QCOMPARE(architecture::compositionWithout(kComposition, "three"), std::string(kComposition));
    }
};

QTEST_APPLESS_MAIN(SlicesTest)
#include "slices_test.moc"

#include "tests/architecture/declared.h"
#include "tests/support/places.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <fstream>

using namespace voelgoed;
namespace fs = std::filesystem;

namespace {

QStringList keysOf(const std::map<std::string, std::set<std::string>> &names)
{
    QStringList keys;
    for (const auto &[name, folders] : names)
        keys << QString::fromStdString(name);
    return keys;
}

void put(const fs::path &file, const std::string &contents)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file) << contents;
}

} // namespace

/// What is told and what is counted, as the sources declare it.
class DeclaredTest : public QObject
{
    Q_OBJECT

private slots:
    void whatIsToldIsRegisteredWhereItIsToldAndNothingElseIs()
    {
        const auto names = architecture::eventNames(test::sourceFolder());
        QVERIFY(names.told.size() >= 30);
        QCOMPARE(keysOf(names.told), keysOf(names.registered));
        for (const auto &[type, folders] : names.registered) {
            QVERIFY2(folders.size() == 1, type.c_str());
            QVERIFY2(names.told.at(type) == folders, type.c_str());
        }
    }

    void aTypeThatIsToldOrRegisteredAloneIsFound()
    {
        QTemporaryDir tree;
        const fs::path root(tree.path().toStdString());
        put(root / "server/slices/one/event_types.cpp", R"(add({"one.kept.v1", "x"}, {"one.silent.v1", "x"});)");
        put(root / "server/slices/one/notices.cpp", "emit(\"one.kept.v1\", \"one.new.v2\"); // \"one.gone.v1\"\n");
        const auto names = architecture::eventNames(root);
        QCOMPARE(keysOf(names.registered), (QStringList{"one.kept.v1", "one.silent.v1"}));
        QCOMPARE(keysOf(names.told), (QStringList{"one.kept.v1", "one.new.v2"}));
    }

    // Boards and alarms of others are made of these names: a line that goes or changes breaks them.
    void metricsAreThoseOfTheGoldenFile()
    {
        QString table = "# metric kind labels\n";
        for (const std::string &line : architecture::metricLines(test::sourceFolder()))
            table += QString::fromStdString(line) + "\n";
        QFile file(QString(test::sourceFolder()) + "/tests/data/metrics.golden");
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
        const QString golden = QString::fromUtf8(file.readAll());
        if (table != golden) {
            QFile fresh("metrics.golden");
            QVERIFY(fresh.open(QIODevice::WriteOnly));
            fresh.write(table.toUtf8());
        }
        QVERIFY2(table == golden, "the table is another one: what it would be lies in the file metrics.golden of the "
                                  "folder in which this test ran");
    }

    void noLabelIsAnId()
    {
        for (const std::string &line : architecture::metricLines(test::sourceFolder())) {
            const QString text = QString::fromStdString(line);
            const QString labels = text.section(' ', 2);
            for (const char *word : {"organization", "org", "event", "user", "device", "ticket", "order", "id"})
                QVERIFY2(!labels.split(',').contains(word), qPrintable(text));
        }
    }

    void metricsAreReadOffTheirDeclarations()
    {
        QTemporaryDir tree;
        const fs::path root(tree.path().toStdString());
        put(root / "server/x/measures.h",
            "constexpr Family kA{\"vg_a_total\", \"A \"\n    \"thing\", Kind::Counter, {\"who\", \"result\"}};\n"
            "// constexpr Family kB{\"vg_b\", \"B\", Kind::Gauge};\n"
            "inline constexpr metrics::Family kC{\n    \"vg_c_seconds\", \"C\", metrics::Kind::Histogram, {}, "
            "Http};\n");
        QCOMPARE(architecture::metricLines(root),
                 (std::set<std::string>{"vg_a_total counter who,result", "vg_c_seconds histogram"}));
    }
};

QTEST_APPLESS_MAIN(DeclaredTest)
#include "declared_test.moc"

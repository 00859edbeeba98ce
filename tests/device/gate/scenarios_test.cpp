#include "device/gate/judge.h"

#include "shared/base/json.h"
#include "shared/domain/verdict.h"
#include "tests/support/places.h"

#include <boost/json/object.hpp>

#include <QtTest/QtTest>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

using namespace voelgoed;
using domain::Reason;

namespace {

/// The scenario files of the repository, in the order of their names.
std::vector<std::string> scenarioFiles()
{
    std::vector<std::string> files;
    for (const auto &entry :
         std::filesystem::directory_iterator(std::string(test::sourceFolder()) + "/tests/scenarios")) {
        if (entry.path().extension() == ".json")
            files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// Reasons that a scenario cannot come to: its list has no age.
bool isBeyondScenarios(Reason reason)
{
    return reason == Reason::StaleList;
}

} // namespace

class ScenariosTest : public QObject
{
    Q_OBJECT

private slots:
    void everyScanComesToWhatItsScenarioExpects_data()
    {
        QTest::addColumn<QString>("file");
        for (const std::string &file : scenarioFiles())
            QTest::newRow(std::filesystem::path(file).filename().c_str()) << QString::fromStdString(file);
    }
    void everyScanComesToWhatItsScenarioExpects()
    {
        QFETCH(QString, file);
        std::ostringstream out, err;
        const int exitCode = gate::judge({file.toStdString()}, out, err);
        QCOMPARE(QString::fromStdString(err.str()), QString());
        QString different;
        for (const QString &line : QString::fromStdString(out.str()).split('\n')) {
            if (line.contains("\"differs\""))
                different += line + '\n';
        }
        QVERIFY2(different.isEmpty(), qPrintable('\n' + different));
        QCOMPARE(exitCode, 0);
    }

    void everyReasonThatScenariosCanExpressIsReached()
    {
        std::ostringstream out, err;
        gate::judge(scenarioFiles(), out, err);
        std::set<std::string> reached;
        std::istringstream lines(out.str());
        for (std::string line; std::getline(lines, line);) {
            const auto json = base::parseJson(line);
            QVERIFY(json);
            reached.emplace(json->at("reason").as_string());
        }
        QStringList missing;
        for (int i = 0; i <= static_cast<int>(Reason::Unconfirmed); ++i) {
            const std::string word(domain::word(static_cast<Reason>(i)));
            if (reached.contains(word) == isBeyondScenarios(static_cast<Reason>(i)))
                missing << QString::fromStdString(word);
        }
        QCOMPARE(missing.join(' '), QString());
    }
};

QTEST_APPLESS_MAIN(ScenariosTest)
#include "scenarios_test.moc"

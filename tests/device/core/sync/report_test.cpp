#include "device/core/storage/settings.h"
#include "device/core/sync/report.h"
#include "tests/support/crash_disk.h"

#include <QtTest/QtTest>

using namespace voelgoed;

class ReportTest : public QObject
{
    Q_OBJECT

    support::CrashDisk m_disk{"report", 1};
    std::unique_ptr<storage::Database> m_database;

private slots:
    void init()
    {
        m_database.reset();
        m_disk.remove("gate.db");
        m_disk.remove("gate.db-wal");
        auto opened = storage::Database::open({.path = "gate.db", .vfs = m_disk.name()});
        QVERIFY(opened);
        m_database = std::move(*opened);
        QVERIFY(storage::makeSettings(*m_database));
    }

    void whatWasKeptIsReadAgain()
    {
        QVERIFY(*sync::keptReport(*m_database) == sync::Report());
        QVERIFY(sync::keepReport(*m_database, {})); // nothing happened yet
        QVERIFY(*sync::keptReport(*m_database) == sync::Report());
        for (const std::optional<bool> agrees : {std::optional<bool>(), std::optional(true), std::optional(false)}) {
            const sync::Report report{.lastExchange = base::instantFromMillis(1'796'000'000'123),
                                      .clockOffset = base::Milliseconds(-250),
                                      .checksumAgrees = agrees};
            QVERIFY(sync::keepReport(*m_database, report));
            QVERIFY(*sync::keptReport(*m_database) == report);
        }
    }

    void whatCannotBeReadIsCorrupt()
    {
        for (const char *bad : {"", "x", "1", "1 2", "1 2 x"}) {
            QVERIFY(storage::setSetting(*m_database, "exchange", bad));
            const auto report = sync::keptReport(*m_database);
            QVERIFY2(!report && report.error().code == base::ErrorCode::Corrupt, bad);
        }
    }
};

QTEST_APPLESS_MAIN(ReportTest)
#include "report_test.moc"

// What is saved off the pages of a file beside its rows.
#include "device/core/journal/salvage.h"
#include "tests/device/core/journal/journals.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::journal;
using sample::Chain, sample::Device;

class SalvageTest : public QObject
{
    Q_OBJECT

private slots:
    void shiftsAreSavedAndNothingElseIsTakenForOne()
    {
        support::CrashDisk disk("salvage", 3);
        std::vector<Shift> shifts;
        {
            auto device = Device::open(disk);
            QVERIFY(device);
            Chain chain;
            QVERIFY(device->journal->append(chain.scans(3), {}));
            for (int n = 0; n < 2; ++n) {
                const std::string session = "3f0c1e52-5a44-4d7f-9d43-0f4f7f3a9b1" + std::to_string(n);
                QVERIFY(device->journal->beginShift({.session = {session},
                                                     .event = {"fest"},
                                                     .gate = {"north"},
                                                     .operatedBy = {"thandi"},
                                                     .openedAt = sample::kStart + base::Milliseconds(n)}));
            }
            QVERIFY(device->journal->toldShifts(*device->journal->shifts()));
            QVERIFY(device->journal->acknowledge({3}, {{{2}, "double", ""}}));
            shifts = *device->journal->shifts();
            QVERIFY(device->database->checkpoint());
        }
        Salvage salvage(sample::kOwn);
        auto reader = storage::PageReader::open({.database = "gate.db", .log = "gate.db-wal", .vfs = disk.name()});
        QVERIFY(reader);
        reader->eachRecord([&](const storage::Record &record) { salvage.add(record); });
        const Salvaged salvaged = salvage.finish();
        QVERIFY(salvaged.remains.shifts == shifts);
        QCOMPARE(salvaged.remains.rows.size(), std::size_t{3});
        QVERIFY(salvaged.remains.doubts.empty());
    }
};

QTEST_APPLESS_MAIN(SalvageTest)
#include "salvage_test.moc"

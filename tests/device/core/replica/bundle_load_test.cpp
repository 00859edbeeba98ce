#include "device/core/replica/bundle_load.h"

#include "device/core/storage/settings.h"
#include "tests/support/bundle_file.h"
#include "tests/support/crash_disk.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using base::Result;
using support::CrashDisk;

namespace {

constexpr int kCutsAtLeast = 400;

struct Device
{
    std::unique_ptr<storage::Database> database;
    std::optional<replica::Replica> replica;

    static Result<Device> open(const std::string &disk)
    {
        Device device;
        auto database = storage::Database::open({.path = "gate.db", .vfs = disk});
        if (!database)
            return database.error();
        device.database = std::move(*database);
        if (auto made = storage::makeSettings(*device.database); !made)
            return made.error();
        auto replica = replica::Replica::open(*device.database);
        if (!replica)
            return replica.error();
        device.replica.emplace(std::move(*replica));
        return device;
    }
};

/// Loads to the end; tells how many tickets the sink was told of.
Result<std::uint32_t> loadAll(Device &device, const std::string &path)
{
    auto file = replica::BundleFile::open(path);
    if (!file)
        return file.error();
    std::uint32_t told = 0;
    const replica::BundleLoad::Sink sink = [&](const replica::IndexedTicket &) {
        ++told;
        return Result<void>();
    };
    auto load = replica::BundleLoad::begin(*device.database, *device.replica, *file, sink);
    if (!load)
        return load.error();
    while (!load->isComplete()) {
        if (auto stepped = load->step(sink); !stepped)
            return stepped.error();
    }
    if (auto finished = load->finish(); !finished)
        return finished.error();
    return told;
}

/// The seat of a ticket tells which list it is of.
std::string seatOf(Device &device, std::uint32_t ordinal)
{
    const auto ticket = device.replica->find({ordinal});
    return ticket && *ticket ? (*ticket)->ticket.seat : std::string();
}

} // namespace

class BundleLoadTest : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_old = write("old", {.sequence = 10, .typeName = "Old"});
        m_new = write("new", {.sequence = 11, .typeName = "New"});
    }

    void aListIsLoadedAndChecked()
    {
        CrashDisk disk("load", 1);
        auto device = Device::open("load");
        QVERIFY(device);
        const auto told = loadAll(*device, m_old);
        QVERIFY2(static_cast<bool>(told), told ? "" : told.error().message.c_str());
        QCOMPARE(*told, 5'000U);
        QCOMPARE(device->replica->head()->tickets, 5'000U);
        QCOMPARE(seatOf(*device, 5'000), std::string("Old5000"));
        QVERIFY(seatOf(*device, 5'001).empty());
        QVERIFY(device->replica->verify());
        QCOMPARE(*device->replica->trustedSigner(), std::optional(m_signer.publicKey()));
        QVERIFY(loadAll(*device, m_new));
        QCOMPARE(seatOf(*device, 1), std::string("New1"));
        QVERIFY(device->replica->verify());
    }

    void aPowerCutLeavesTheOldListOrTheNewOneAndTheLoadGoesOn()
    {
        int cuts = 0, resumed = 0;
        for (std::uint64_t seed = 1; cuts < kCutsAtLeast; ++seed) {
            CrashDisk disk("load", seed);
            {
                auto device = Device::open("load");
                QVERIFY(device && loadAll(*device, m_old));
            }
            base::SeededRandom random(seed);
            for (bool finished = false; !finished;) {
                disk.cutAfter(1 + random.below(900));
                {
                    auto device = Device::open("load");
                    if (device)
                        finished = static_cast<bool>(loadAll(*device, m_new));
                }
                cuts += disk.isDark();
                finished = finished && !disk.isDark();
                disk.reboot();
                auto device = Device::open("load");
                QVERIFY2(static_cast<bool>(device), device ? "" : device.error().message.c_str());
                const auto &head = device->replica->head();
                QVERIFY(head.has_value());
                const bool isNew = head->cursor.sequence == 11;
                QCOMPARE(seatOf(*device, 1), std::string(isNew ? "New1" : "Old1"));
                QCOMPARE(seatOf(*device, 5'000), std::string(isNew ? "New5000" : "Old5000"));
                const auto sound = device->replica->verify();
                QVERIFY2(static_cast<bool>(sound), sound ? "" : sound.error().message.c_str());
                if (isNew)
                    break;
                // What an earlier run left is taken up: the load needs fewer steps.
                auto file = replica::BundleFile::open(m_new);
                auto load = replica::BundleLoad::begin(*device->database, *device->replica, *file,
                                                       [](const replica::IndexedTicket &) { return Result<void>(); });
                QVERIFY(load);
                resumed += load->progress().chunksDone > 0;
            }
        }
        QVERIFY2(resumed > 20, qPrintable(QString::number(resumed)));
    }

    void whatShouldNotBeLoadedIsRefusedAndTheListStays_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("code");
        const auto row = [](const char *kind, base::ErrorCode code) {
            QTest::newRow(kind) << kind << static_cast<int>(code);
        };
        row("older", base::ErrorCode::Conflict);
        row("another event", base::ErrorCode::Conflict);
        row("cut off in a chunk", base::ErrorCode::Corrupt);
        row("a flipped bit in a chunk", base::ErrorCode::Corrupt);
        row("a flipped bit in the manifest", base::ErrorCode::Unauthorized);
        row("a flipped bit in the signature", base::ErrorCode::Unauthorized);
        row("no bundle", base::ErrorCode::Invalid);
        row("empty", base::ErrorCode::Corrupt);
        row("not there", base::ErrorCode::NotFound);
    }
    void whatShouldNotBeLoadedIsRefusedAndTheListStays()
    {
        QFETCH(QString, kind);
        QFETCH(int, code);
        CrashDisk disk("load", 3);
        auto device = Device::open("load");
        QVERIFY(device && loadAll(*device, m_old));
        const auto loaded = loadAll(*device, spoiled(kind));
        QVERIFY(!loaded);
        // A bit of the manifest can also make it no manifest at all.
        const bool expected = static_cast<int>(loaded.error().code) == code ||
                              (kind.contains("manifest") && loaded.error().code == base::ErrorCode::Invalid);
        QVERIFY2(expected, loaded.error().message.c_str());
        QVERIFY(!loaded.error().message.empty());
        QCOMPARE(seatOf(*device, 5), std::string("Old5"));
        QVERIFY(device->replica->verify());
        QVERIFY(loadAll(*device, m_new)); // and nothing stands in the way of a good one
    }

    void onlyOneLoadIsUnderWayAtATime()
    {
        CrashDisk disk("load", 1);
        auto device = Device::open("load");
        QVERIFY(device);
        const replica::BundleLoad::Sink sink = [](const replica::IndexedTicket &) { return Result<void>(); };
        auto first = replica::BundleFile::open(m_old);
        auto second = replica::BundleFile::open(m_new);
        QVERIFY(first && second);
        const auto begin = [&](replica::BundleFile &file) {
            return replica::BundleLoad::begin(*device->database, *device->replica, file, sink);
        };
        {
            auto load = begin(*first);
            QVERIFY(load && load->step(sink) && !load->isComplete());
            const auto other = begin(*second);
            QVERIFY(!other);
            QCOMPARE(other.error().code, base::ErrorCode::Conflict);
            QVERIFY(!begin(*first));
            while (!load->isComplete())
                QVERIFY(load->step(sink));
            QVERIFY(load->finish());
            QVERIFY2(device->replica->verify(), "the list is the first one, whole");
        }
        {
            QVERIFY2(begin(*second), "one that is given up makes room");
        }
        auto after = begin(*second);
        QVERIFY(after);
        while (!after->isComplete())
            QVERIFY(after->step(sink));
        QVERIFY(after->finish());
        QVERIFY(device->replica->verify());
    }

    void aFlippedByteInATicketIsFound()
    {
        CrashDisk disk("load", 4);
        auto device = Device::open("load");
        QVERIFY(device && loadAll(*device, m_old));
        QVERIFY(device->database->execute(
            "UPDATE ticket_a SET body = CAST(substr(body, 1, length(body) - 1) || x'ff' AS BLOB) WHERE ordinal = 77"));
        const auto sound = device->replica->verify();
        QVERIFY(!sound);
        QCOMPARE(sound.error().code, base::ErrorCode::Corrupt);
    }

private:
    std::string write(const char *name, const support::BundleOptions &options)
    {
        return support::writeBytes(*m_folder, name, support::bundleBytes(options, m_signer));
    }

    std::string spoiled(const QString &kind)
    {
        if (kind == "not there")
            return m_folder->filePath("nowhere").toStdString();
        if (kind == "older")
            return write("bad", {.sequence = 9, .typeName = "Older"});
        if (kind == "another event")
            return write("bad", {.sequence = 12, .event = "other"});
        if (kind == "empty")
            return support::writeBytes(*m_folder, "bad", {});
        base::Bytes bytes = support::bundleBytes({.sequence = 12, .typeName = "Bad"}, m_signer);
        const std::size_t manifest = base::bigEndianAt<std::uint32_t>(bytes, 10);
        const std::size_t signature = protocol::kBundleHeaderSize + manifest;
        if (kind == "cut off in a chunk")
            bytes.resize(bytes.size() - 100);
        else if (kind == "a flipped bit in a chunk")
            bytes[bytes.size() - 100] ^= std::byte{4};
        else if (kind == "a flipped bit in the manifest")
            bytes[protocol::kBundleHeaderSize + manifest / 2] ^= std::byte{1};
        else if (kind == "a flipped bit in the signature")
            bytes[signature + 20] ^= std::byte{1};
        else
            bytes[0] ^= std::byte{1};
        return support::writeBytes(*m_folder, "bad", bytes);
    }

    base::SeededRandom m_random{6};
    base::SigningKey m_signer = base::SigningKey::generate(m_random);
    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_old, m_new;
};

QTEST_APPLESS_MAIN(BundleLoadTest)
#include "bundle_load_test.moc"

#include "server/slices/scanning/delivery.h"

#include "shared/base/random.h"
#include "tests/server/slices/scanning/rows.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using scanning::Anchor;
using scanning::Maker;
using scanning::Source;
using support::at;
using support::rowOf;

namespace {

/// A device that signs what it sends.
struct Device
{
    base::SeededRandom random{11};
    base::SigningKey key = base::SigningKey::generate(random);

    protocol::Chain chainOf(domain::Row row) const
    {
        protocol::Chain chain;
        row.previous = {};
        chain.rows.push_back(protocol::encode(row));
        chain.head = protocol::signedHead(row.key, protocol::hashOf(chain.rows.back()), key);
        return chain;
    }
    protocol::Chain chain(int rows, const base::SigningKey *signer = nullptr)
    {
        protocol::Chain chain;
        domain::RowHash previous{};
        domain::Row row;
        for (int n = 1; n <= rows; ++n) {
            row = rowOf({.sequence = static_cast<std::uint64_t>(n), .ordinal = static_cast<std::uint32_t>(n)});
            row.previous = previous;
            chain.rows.push_back(protocol::encode(row));
            previous = protocol::hashOf(chain.rows.back());
        }
        chain.head = protocol::signedHead(row.key, previous, signer ? *signer : key);
        return chain;
    }

    scanning::FindMaker known(bool revoked = false) const
    {
        const auto verifying = *base::VerifyingKey::fromRaw(key.publicKey());
        return [=](const domain::DeviceId &device) -> std::optional<Maker> {
            return device.text == "gate-a" ? std::optional(Maker{verifying, revoked}) : std::nullopt;
        };
    }
};

const Anchor kNone{.device = {"another"}, .epoch = {9}, .sinceBoot = {}, .now = at("20:00:00")};

QStringList reasonsOf(const scanning::Read &read)
{
    QStringList reasons;
    for (const scanning::Unusable &unusable : read.unusable)
        reasons << QString("%1 %2").arg(unusable.key.sequence.value).arg(unusable.reason.c_str());
    return reasons;
}

} // namespace

class DeliveryTest : public QObject
{
    Q_OBJECT

private slots:
    void aSignedChainIsTakenWhole()
    {
        Device device;
        const auto read = scanning::readChains({device.chain(5)}, Source::Live, kNone, device.known());
        QCOMPARE(read.rows.size(), 5U);
        QVERIFY(read.unusable.empty());
        QCOMPARE(read.rows.at(2).row.key.sequence.value, 3U);
    }

    void aRowThatWasChangedTakesThoseBeforeItAlong()
    {
        Device device;
        protocol::Chain chain = device.chain(5);
        chain.rows[1].back() ^= std::byte{1};
        const auto read = scanning::readChains({chain}, Source::Live, kNone, device.known());
        QCOMPARE(read.rows.size(), 3U);
        QCOMPARE(reasonsOf(read), (QStringList{"1 not_vouched_for", "2 not_vouched_for"}));
    }

    void whatAnotherKeySignedIsTakenFromNobody()
    {
        Device device;
        base::SeededRandom random(99);
        const auto stranger = base::SigningKey::generate(random);
        const auto read = scanning::readChains({device.chain(2, &stranger)}, Source::Live, kNone, device.known());
        QVERIFY(read.rows.empty());
        QCOMPARE(reasonsOf(read), (QStringList{"1 signature", "2 signature"}));
    }

    void aDeviceThatNobodyKnowsIsNamed()
    {
        Device device;
        const auto read = scanning::readChains({device.chain(1)}, Source::Carried, kNone,
                                               [](const domain::DeviceId &) { return std::optional<Maker>(); });
        QCOMPARE(reasonsOf(read), QStringList{"1 unknown_device"});
    }

    // Signed by a device that is known, and such as no gate makes: kept as they came, and nothing is reckoned with
    // them.
    void whatNoGateMakesIsSetAside_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("reason");
        QTest::newRow("a long session") << 0 << "too_long";
        QTest::newRow("a long gate") << 1 << "too_long";
        QTest::newRow("a long checkpoint") << 2 << "too_long";
        QTest::newRow("a long event") << 3 << "too_long";
        QTest::newRow("an undo by somebody with a long name") << 4 << "too_long";
        QTest::newRow("the first moment of all") << 5 << "no_time";
        QTest::newRow("before the year 1") << 6 << "no_time";
        QTest::newRow("behind all years") << 7 << "no_time";
        QTest::newRow("a wall clock without a year") << 8 << "no_time";
        QTest::newRow("before the device began") << 9 << "no_time";
    }
    void whatNoGateMakesIsSetAside()
    {
        QFETCH(int, which);
        QFETCH(QString, reason);
        const Device device;
        domain::Row row = rowOf({});
        auto &scan = std::get<domain::ScanRecord>(row.what);
        const std::string longText(257, 'x');
        const auto first = base::instantFromMillis(std::numeric_limits<std::int64_t>::min());
        switch (which) {
        case 0:
            scan.session.text = longText;
            break;
        case 1:
            scan.gate.text = longText;
            break;
        case 2:
            scan.checkpoint.text = longText;
            break;
        case 3:
            row.event.text = longText;
            break;
        case 4:
            row = support::undoOf({.sequence = 1}, {{"gate-a"}, {1}, {9}});
            std::get<domain::UndoRecord>(row.what).by.text = longText;
            break;
        case 5:
            row.at = first;
            break;
        case 6:
            row.at = base::kFirst - base::Milliseconds(1);
            break;
        case 7:
            row.at = base::kLatest + base::Milliseconds(1);
            break;
        case 8:
            row.wall = first;
            break;
        default:
            row.sinceBoot = base::Milliseconds(-1);
        }
        const auto read = scanning::readChains({device.chainOf(row)}, Source::Live, kNone, device.known());
        QVERIFY(read.rows.empty());
        QCOMPARE(reasonsOf(read), QStringList{"1 " + reason});
        // The control: 256 are taken.
        row = rowOf({});
        std::get<domain::ScanRecord>(row.what).session.text = std::string(256, 'x');
        row.at = base::kFirst;
        QCOMPARE(scanning::readChains({device.chainOf(row)}, Source::Live, kNone, device.known()).rows.size(), 1U);
    }

    // The owner's check 11.
    void rowsOfARevokedDeviceAreMarked()
    {
        Device device;
        const auto read = scanning::readChains({device.chain(1)}, Source::Live, kNone, device.known(true));
        QVERIFY(read.rows.front().unverified);
    }

    void aWrongClockCancelsOutThroughTheBootClock_data()
    {
        QTest::addColumn<qint64>("wrongMs");
        QTest::newRow("right") << qint64(0);
        QTest::newRow("15 s ahead") << qint64(15'000);
        QTest::newRow("6 minutes behind") << qint64(-360'000);
        QTest::newRow("25 hours ahead") << qint64(90'000'000);
        QTest::newRow("set to 1970") << -qint64(base::millisOf(at("19:30:00")));
    }
    // The owner's check 10.
    void aWrongClockCancelsOutThroughTheBootClock()
    {
        QFETCH(qint64, wrongMs);
        domain::Row row = rowOf({});
        row.at += base::Milliseconds(wrongMs);
        row.sinceBoot = std::chrono::minutes(10);
        const Anchor anchor{
            .device = {"gate-a"}, .epoch = {1}, .sinceBoot = std::chrono::minutes(15), .now = at("19:35:00")};
        QCOMPARE(base::millisOf(scanning::correctedTime(row, anchor)), base::millisOf(at("19:30:00")));
    }

    void rowsOfAnEarlierBootKeepTheirTime()
    {
        const domain::Row row = rowOf({});
        const Anchor anchor{
            .device = {"gate-a"}, .epoch = {2}, .sinceBoot = std::chrono::hours(5), .now = at("23:00:00")};
        QVERIFY(scanning::correctedTime(row, anchor) == row.at);
    }

    void howLongARequestWasOnItsWayChangesNoTime()
    {
        domain::Row row = rowOf({});
        row.sinceBoot = std::chrono::minutes(10);
        const Anchor anchor{
            .device = {"gate-a"}, .epoch = {1}, .sinceBoot = std::chrono::minutes(15), .now = at("19:35:01")};
        QVERIFY(scanning::correctedTime(row, anchor) == row.at);
    }
};

QTEST_APPLESS_MAIN(DeliveryTest)
#include "delivery_test.moc"

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

    scanning::FindMaker known(bool revoked = false)
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

// Before <compare>: moc cannot read libstdc++'s <concepts> as the first header of a file.
#include "tests/shared/ticket/sample_ring.h"

#include "shared/ticket/ordinal_mask.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticket;

class OrdinalMaskTest : public QObject
{
    Q_OBJECT

private slots:
    /// Computed from the description with another implementation.
    void theMaskStaysAsItIs()
    {
        const OrdinalMask mask(sample::ringParts().identity);
        QCOMPARE(mask.masked({0}), 0x66f155U);
        QCOMPARE(mask.masked({1}), 0xa0742aU);
        QCOMPARE(mask.masked({2}), 0x2a5dfeU);
        QCOMPARE(mask.masked({123456}), 0xaf3e85U);
        QCOMPARE(mask.masked({0xffffff}), 0x81f4f3U);
    }

    /// All 16,777,216 of them.
    void everyOrdinalHasAMaskOfItsOwn()
    {
        const OrdinalMask mask(sample::ringParts().identity);
        std::vector<bool> seen(domain::kOrdinalMax + 1);
        for (std::uint32_t number = 0; number <= domain::kOrdinalMax; ++number) {
            const std::uint32_t masked = mask.masked({number});
            if (masked > domain::kOrdinalMax || seen[masked] || mask.unmasked(masked).value != number)
                QFAIL(qPrintable(QString::number(number)));
            seen[masked] = true;
        }
    }

    void neighboursLieApart()
    {
        const OrdinalMask mask(sample::ringParts().identity);
        int near = 0;
        for (std::uint32_t number = 1; number < 10'000; ++number) {
            const auto a = static_cast<std::int64_t>(mask.masked({number}));
            const auto b = static_cast<std::int64_t>(mask.masked({number + 1}));
            near += std::abs(a - b) < 1000;
        }
        // By chance about one pair in 8,400 lies so near.
        QVERIFY2(near < 12, qPrintable(QString::number(near)));
    }

    void eachPartOfTheIdentityChangesTheMask()
    {
        const EventIdentity one = sample::ringParts().identity;
        EventIdentity organization = one;
        organization.organization[15] ^= std::byte{1};
        EventIdentity event = one;
        event.event[0] ^= std::byte{1};
        EventIdentity shortId = one;
        shortId.shortId += 1;
        for (const EventIdentity &other : {organization, event, shortId}) {
            int same = 0;
            const OrdinalMask a(one);
            const OrdinalMask b(other);
            for (std::uint32_t number = 0; number < 1000; ++number)
                same += a.masked({number}) == b.masked({number});
            QVERIFY(same < 3);
        }
    }
};

QTEST_APPLESS_MAIN(OrdinalMaskTest)
#include "ordinal_mask_test.moc"

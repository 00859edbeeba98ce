// Chance: fetched ahead it is the source's own, and is given out once.
#include "shared/base/random.h"

#include <QTest>

#include <algorithm>
#include <vector>

using namespace voelgoed;

namespace {

/// Counts up, so that each byte tells where it comes from; remembers how it was asked.
class Counting final : public base::Random
{
public:
    void fill(std::span<std::byte> out) override
    {
        asked.push_back(out.size());
        for (std::byte &byte : out)
            byte = static_cast<std::byte>(m_next++ % 251);
    }
    std::vector<std::size_t> asked;

private:
    std::uint64_t m_next = 0;
};

std::vector<std::byte> taken(base::Random &random, std::size_t size)
{
    std::vector<std::byte> bytes(size);
    random.fill(bytes);
    return bytes;
}

} // namespace

class RandomTest : public QObject
{
    Q_OBJECT

private slots:
    void whatIsFetchedAheadIsGivenOutInOrderAndOnce()
    {
        Counting source, plain;
        base::BufferedRandom random(source);
        std::vector<std::byte> all;
        for (int i = 0; i < 64; ++i) {
            const auto some = taken(random, 16);
            all.insert(all.end(), some.begin(), some.end());
        }
        QCOMPARE(source.asked, std::vector<std::size_t>{1024});
        QVERIFY(all == taken(plain, 1024));
        QVERIFY(taken(random, 16) == taken(plain, 16)); // the next block
    }

    void whatDoesNotFitIntoTheRestIsOfTheNextBlock()
    {
        Counting source;
        base::BufferedRandom random(source);
        for (int i = 0; i < 10; ++i)
            taken(random, 100);
        const auto next = taken(random, 100); // 24 were left
        QCOMPARE(source.asked.size(), 2U);
        QCOMPARE(next.front(), static_cast<std::byte>(1024 % 251));
    }

    void whoWantsMuchAsksTheSource()
    {
        Counting source;
        base::BufferedRandom random(source);
        QCOMPARE(taken(random, 4096).size(), 4096U);
        QCOMPARE(source.asked, std::vector<std::size_t>{4096});
    }
};

QTEST_APPLESS_MAIN(RandomTest)
#include "random_test.moc"

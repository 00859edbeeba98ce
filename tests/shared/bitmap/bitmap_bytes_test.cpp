#include "shared/bitmap/bitmap.h"

#include <QtTest/QtTest>

#include <random>
#include <vector>

using namespace voelgoed;
using bitmap::Bitmap;

namespace {

/// A set as its ordinals in ascending order.
using Model = std::vector<std::uint32_t>;
constexpr std::uint32_t kBlock = 65'536;

Bitmap bitmapOf(const Model &model)
{
    Bitmap set;
    for (const std::uint32_t value : model)
        set.set({value});
    return set;
}

Model modelOf(const Bitmap &set)
{
    Model model;
    for (const domain::Ordinal ordinal : set.ordinals())
        model.push_back(ordinal.value);
    return model;
}

/// `count` ordinals of one block, spread over it when `step` is above 1.
Model members(std::uint32_t block, std::uint32_t count, std::uint32_t step = 1)
{
    Model model;
    for (std::uint32_t i = 0; i < count; ++i)
        model.push_back(block * kBlock + i * step);
    return model;
}

/// `higher` holds only what is above all of `lower`.
Model operator+(Model lower, const Model &higher)
{
    lower.insert(lower.end(), higher.begin(), higher.end());
    return lower;
}

/// The format of bitmap.h, read a second way: what the bytes hold, or nothing if they are not a spelling of it.
std::optional<Model> readAgain(base::ByteView bytes)
{
    std::size_t at = 0;
    bool cut = false;
    const auto next = [&](std::size_t size) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i, ++at) {
            cut = cut || at >= bytes.size();
            value = value << 8 | (cut ? 0 : std::to_integer<std::uint32_t>(bytes[at]));
        }
        return value;
    };
    if (next(1) != 1)
        return std::nullopt;
    Model model;
    std::int64_t lastBlock = -1;
    for (std::uint32_t left = next(2); left > 0 && !cut; --left) {
        const std::uint32_t block = next(1);
        const std::uint32_t kind = next(1);
        const std::size_t before = model.size();
        if (block <= lastBlock || kind > 2)
            return std::nullopt;
        lastBlock = block;
        std::int64_t last = -1;
        const std::uint32_t listed = kind == 1 ? next(2) : 0;
        for (std::uint32_t i = 0; i < listed && !cut; ++i) {
            const std::uint32_t member = next(2);
            if (member <= last)
                return std::nullopt;
            last = member;
            model.push_back(block * kBlock + member);
        }
        for (std::uint32_t i = 0; i < (kind == 2 ? kBlock / 8 : 0) && !cut; ++i) {
            const std::uint32_t bits = next(1);
            for (std::uint32_t bit = 0; bit < 8; ++bit) {
                if (bits >> bit & 1)
                    model.push_back(block * kBlock + i * 8 + bit);
            }
        }
        for (std::uint32_t i = 0; i < (kind == 0 ? kBlock : 0); ++i)
            model.push_back(block * kBlock + i);
        const std::size_t count = model.size() - before;
        if (count == 0 || (kind == 1) != (count < 4'096) || (kind == 0) != (count == kBlock))
            return std::nullopt;
    }
    return cut || at != bytes.size() ? std::nullopt : std::optional(model);
}

void addSets()
{
    QTest::addColumn<Model>("model");
    QTest::newRow("nothing") << Model{};
    QTest::newRow("ordinal 0") << Model{0};
    QTest::newRow("ordinal 63") << Model{63};
    QTest::newRow("ordinals 63, 64 and 65") << Model{63, 64, 65};
    QTest::newRow("the ends of three blocks") << Model{0, kBlock - 1, kBlock, 2 * kBlock - 1, 2 * kBlock};
    QTest::newRow("the highest ordinal") << Model{domain::kOrdinalMax};
    QTest::newRow("the longest list") << members(0, 4'095, 16);
    QTest::newRow("the fewest bits") << members(0, 4'096, 16);
    QTest::newRow("a block short of one") << members(1, kBlock - 1);
    QTest::newRow("a whole block") << members(1, kBlock);
    QTest::newRow("a whole block and one more") << members(0, kBlock + 1);
    QTest::newRow("a list, bits, nothing, all, a list")
        << members(0, 9, 7) + members(1, 5'000, 13) + members(3, kBlock) + members(255, 3, 20'000);
}

} // namespace

Q_DECLARE_METATYPE(Model)

class BitmapBytesTest : public QObject
{
    Q_OBJECT

private slots:
    void whatIsWrittenIsReadBack_data() { addSets(); }
    void whatIsWrittenIsReadBack()
    {
        QFETCH(Model, model);
        const base::Bytes bytes = bitmapOf(model).serialise();
        const auto read = Bitmap::parse(bytes);
        QVERIFY2(read, read ? "" : read.error().message.c_str());
        QVERIFY(modelOf(*read) == model);
        QVERIFY(read->serialise() == bytes);
        QVERIFY(readAgain(bytes) == std::optional(model));
    }

    void theBytesAreTheOnesThatAreWrittenDown_data()
    {
        QTest::addColumn<Model>("model");
        QTest::addColumn<QByteArray>("hex");
        QTest::newRow("nothing") << Model{} << QByteArray("010000");
        QTest::newRow("ordinal 0") << Model{0}
                                   << QByteArray("01"
                                                 "0001"
                                                 "00"
                                                 "01"
                                                 "0001"
                                                 "0000");
        QTest::newRow("two blocks") << Model{7, 65'535, 65'537}
                                    << QByteArray("01"
                                                  "0002"
                                                  "00010002"
                                                  "0007"
                                                  "ffff"
                                                  "01010001"
                                                  "0001");
        QTest::newRow("a whole block") << members(2, kBlock)
                                       << QByteArray("01"
                                                     "0001"
                                                     "02"
                                                     "00");
    }
    void theBytesAreTheOnesThatAreWrittenDown()
    {
        QFETCH(Model, model);
        QFETCH(QByteArray, hex);
        QCOMPARE(QByteArray::fromStdString(base::toHex(bitmapOf(model).serialise())), hex);
    }

    void theOrderOfFillingLeavesNoTrace()
    {
        std::vector<std::uint32_t> values(5'000);
        std::mt19937 random(3);
        for (std::uint32_t &value : values)
            value = static_cast<std::uint32_t>(random() % 300'000);
        const base::Bytes expected = bitmapOf(values).serialise();
        for (int i = 0; i < 5; ++i) {
            std::shuffle(values.begin(), values.end(), random);
            Bitmap set;
            for (const std::uint32_t value : values)
                set.set({value});
            QVERIFY(set.serialise() == expected);
        }
    }

    void everyCutIsRefused_data() { addSets(); }
    void everyCutIsRefused()
    {
        QFETCH(Model, model);
        const base::Bytes bytes = bitmapOf(model).serialise();
        for (std::size_t size = 0; size < bytes.size(); ++size)
            QVERIFY2(!Bitmap::parse(base::ByteView(bytes).first(size)), qPrintable(QString("cut at %1").arg(size)));
    }

    void aFlippedByteIsRefusedOrReadAsItSays_data() { addSets(); }
    void aFlippedByteIsRefusedOrReadAsItSays()
    {
        QFETCH(Model, model);
        base::Bytes bytes = bitmapOf(model).serialise();
        // Each byte of what is short; of long bodies the first and the last, where every field and both ends are.
        for (std::size_t at = 0; at < bytes.size();
             at = at == 63 ? std::max<std::size_t>(64, bytes.size() - 32) : at + 1) {
            for (const std::byte mask : {std::byte{1}, std::byte{2}, std::byte{0x80}, std::byte{0xFF}}) {
                bytes[at] ^= mask;
                const auto read = Bitmap::parse(bytes);
                const auto expected = readAgain(bytes);
                const QString where = QString("byte %1 changed by %2").arg(at).arg(std::to_integer<int>(mask));
                QVERIFY2(static_cast<bool>(read) == expected.has_value(), qPrintable(where));
                QVERIFY2(!read || modelOf(*read) == *expected, qPrintable(where));
                bytes[at] ^= mask;
            }
        }
    }

    void aByteMoreIsRefused_data() { addSets(); }
    void aByteMoreIsRefused()
    {
        QFETCH(Model, model);
        base::Bytes bytes = bitmapOf(model).serialise();
        bytes.push_back(std::byte{});
        QVERIFY(!Bitmap::parse(bytes));
    }

    void anotherSpellingIsRefused_data()
    {
        QTest::addColumn<QByteArray>("hex");
        QTest::addColumn<base::ErrorCode>("code");
        const auto row = [](const char *name, const QByteArray &hex, base::ErrorCode code = base::ErrorCode::Invalid) {
            QTest::newRow(name) << hex << code;
        };
        row("no bytes", "");
        row("version 0", "000000", base::ErrorCode::Unsupported);
        row("version 2", "020000", base::ErrorCode::Unsupported);
        row("an empty list", "010001"
                             "00010000");
        row("a list out of order", "010001"
                                   "00010002"
                                   "00020001");
        row("a list with a number twice", "010001"
                                          "00010002"
                                          "00010001");
        row("blocks out of order", "010002"
                                   "0100"
                                   "0000");
        row("a block twice", "010002"
                             "00010001"
                             "0001"
                             "00010001"
                             "0002");
        row("more blocks than there are", "01ffff"
                                          "0000");
        row("fewer blocks than there are", "010000"
                                           "0000");
        row("a kind that there is not", "010001"
                                        "0003");
        row("no bits at all", "010001"
                              "0002" +
                                  QByteArray(2 * 8'192, '0'));
        row("bits that are all set", "010001"
                                     "0002" +
                                         QByteArray(2 * 8'192, 'f'));
        row("bits that would fit a list", "010001"
                                          "0002" +
                                              QByteArray(2 * 511, 'f') + QByteArray(2 * 7'681, '0'));
        row("a list as long as bits", "010001"
                                      "00011000" +
                                          QByteArray(4 * 4'096, '0'));
    }
    void anotherSpellingIsRefused()
    {
        QFETCH(QByteArray, hex);
        QFETCH(base::ErrorCode, code);
        const auto bytes = base::fromHex(hex.toStdString());
        QVERIFY(bytes);
        const auto read = Bitmap::parse(*bytes);
        QVERIFY(!read);
        QCOMPARE(static_cast<int>(read.error().code), static_cast<int>(code));
        QVERIFY(read.error().message.starts_with("bitmap: "));
        QVERIFY(!readAgain(*bytes));
    }

    void nothingThatIsReadTakesMoreThanTwoMegabytesAndALittle()
    {
        base::Bytes bytes{std::byte{1}};
        base::putBigEndian(bytes, std::uint16_t{256});
        for (unsigned block = 0; block < 256; ++block) {
            bytes.push_back(static_cast<std::byte>(block));
            bytes.push_back(std::byte{0});
        }
        const auto read = Bitmap::parse(bytes);
        QVERIFY(read);
        QCOMPARE(read->count(), std::size_t{domain::kOrdinalMax} + 1);
        QVERIFY(read->bytes() <= 2U * 2'097'152);
        QVERIFY(read->serialise() == bytes);
    }
};

QTEST_GUILESS_MAIN(BitmapBytesTest)
#include "bitmap_bytes_test.moc"

// What decodes has one spelling: parts left out, doubled, out of order or said in longer numbers are refused.
#include "tests/shared/protocol/sample_exchange.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using base::Bytes;

namespace {

using Fields = std::vector<Bytes>;

std::size_t numberAt(base::ByteView bytes, std::size_t &at)
{
    std::size_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        const auto byte = std::to_integer<std::size_t>(bytes[at++]);
        value |= (byte & 0x7F) << shift;
        if (byte < 0x80)
            return value;
    }
}

/// The fields of a message, tags included (the encoding of Protocol Buffers; wire types 0 and 2 are all that is used).
Fields fieldsOf(base::ByteView message)
{
    Fields fields;
    for (std::size_t at = 0; at < message.size();) {
        const std::size_t from = at;
        const bool sized = (numberAt(message, at) & 7) == 2;
        const std::size_t value = numberAt(message, at);
        at += sized ? value : 0;
        fields.emplace_back(message.begin() + static_cast<std::ptrdiff_t>(from),
                            message.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return fields;
}

Bytes joined(const Fields &fields)
{
    Bytes bytes;
    for (const Bytes &field : fields)
        bytes.insert(bytes.end(), field.begin(), field.end());
    return bytes;
}

/// The field with its tag in one byte more than it needs.
Bytes stretched(const Bytes &field)
{
    Bytes longer = field;
    longer[0] |= std::byte{0x80};
    longer.insert(longer.begin() + 1, std::byte{0});
    return longer;
}

template <class Decode>
void hasOneSpelling(const Bytes &whole, Decode decode)
{
    const Fields fields = fieldsOf(whole);
    QVERIFY(fields.size() >= 5 && joined(fields) == whole);
    std::vector<Fields> others;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto at = static_cast<std::ptrdiff_t>(i);
        others.push_back(fields);
        others.back().erase(others.back().begin() + at);
        others.push_back(fields);
        others.back().insert(others.back().begin() + at, fields[i]);
        if ((fields[i][0] & std::byte{0x80}) == std::byte{0}) {
            others.push_back(fields);
            others.back()[i] = stretched(fields[i]);
        }
        for (std::size_t j = i + 1; j < fields.size(); ++j) {
            others.push_back(fields);
            std::swap(others.back()[i], others.back()[j]);
        }
    }
    int refused = 0;
    for (const Fields &other : others) {
        const Bytes bytes = joined(other);
        const auto decoded = decode(bytes);
        if (decoded)
            QCOMPARE(base::toHex(protocol::encode(*decoded)), base::toHex(bytes));
        else
            ++refused;
    }
    QVERIFY(refused > 0);
}

} // namespace

class CanonicalTest : public QObject
{
    Q_OBJECT

private slots:
    void aDefinition() { hasOneSpelling(protocol::encode(sample::definition()), protocol::decodeDefinition); }
    void aTicket() { hasOneSpelling(protocol::encode(sample::ticket()), protocol::decodeTicket); }
    void aScan() { hasOneSpelling(protocol::encode(sample::scanRow()), protocol::decodeRow); }
    void anUndo() { hasOneSpelling(protocol::encode(sample::undoRow()), protocol::decodeRow); }
    void aScanOfATicketInNoList() { hasOneSpelling(protocol::encode(sample::unlistedScan()), protocol::decodeRow); }
    void aPassageOfATicketInNoList()
    {
        hasOneSpelling(protocol::encode(sample::unlistedPassage()), protocol::decodePassage);
    }
    void aRequestAfterFailures()
    {
        hasOneSpelling(protocol::encode(sample::requestAfterFailures()), protocol::decodeSyncRequest);
    }
    void aPassage() { hasOneSpelling(protocol::encode(sample::passage()), protocol::decodePassage); }
    void aRequest() { hasOneSpelling(protocol::encode(sample::request()), protocol::decodeSyncRequest); }
    void anAnswer() { hasOneSpelling(protocol::encode(sample::reply()), protocol::decodeSyncReply); }

    void partsThatAPeerOfTodayAlwaysSendsAreNotLeftOut_data()
    {
        QTest::addColumn<int>("tag");
        QTest::newRow("the event") << 0x0A;
        QTest::newRow("its time zone") << 0x12;
        QTest::newRow("its policy") << 0x42;
        QTest::newRow("its keys") << 0x4A;
    }
    void partsThatAPeerOfTodayAlwaysSendsAreNotLeftOut()
    {
        QFETCH(int, tag);
        Fields fields = fieldsOf(protocol::encode(sample::definition()));
        QVERIFY(std::erase_if(fields, [tag](const Bytes &field) { return std::to_integer<int>(field[0]) == tag; }) ==
                1);
        const auto decoded = protocol::decodeDefinition(joined(fields));
        QVERIFY(!decoded && decoded.error().code == base::ErrorCode::Invalid);
    }

    void answersComeInTheOrderOfTheirQuestions()
    {
        Fields fields = fieldsOf(protocol::encode(sample::ticket()));
        std::vector<Bytes *> answers;
        for (Bytes &field : fields) {
            if (field[0] == std::byte{0x92}) // field 18, sized
                answers.push_back(&field);
        }
        QCOMPARE(answers.size(), std::size_t{2});
        std::swap(*answers[0], *answers[1]);
        const auto decoded = protocol::decodeTicket(joined(fields));
        QVERIFY(!decoded && decoded.error().code == base::ErrorCode::Invalid);
        QVERIFY(decoded.error().message.find("canonical") != std::string::npos);
    }

    void aNewerPeersFieldsDoNotHideASecondSpelling()
    {
        Fields fields = fieldsOf(protocol::encode(sample::ticket()));
        std::swap(fields[0], fields[1]);
        QVERIFY(protocol::decodeTicket(sample::withUnknownField(protocol::encode(sample::ticket()))));
        QVERIFY(!protocol::decodeTicket(sample::withUnknownField(joined(fields))));
    }
};

QTEST_APPLESS_MAIN(CanonicalTest)
#include "canonical_test.moc"

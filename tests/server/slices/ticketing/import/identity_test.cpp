#include "server/slices/ticketing/import/read.h"

#include "tests/server/slices/ticketing/import/list_files.h"

#include "shared/base/text.h"
#include "shared/ticket/foreign.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <random>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

namespace {

/// How a table is written down.
struct Spelling
{
    Separator separator = Separator::Comma;
    std::vector<std::string> lineEnds{"\n"};
    bool quoteAll = false;
    bool sepLine = false;
    bool endsLastLine = true;
};

using Table = std::vector<std::vector<std::string>>;

class Dice
{
public:
    explicit Dice(unsigned seed) : m_engine(seed) {}

    std::size_t below(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(m_engine); }
    bool half() { return below(2) == 0; }

    template <class T>
    const T &oneOf(const std::vector<T> &values)
    {
        return values[below(values.size())];
    }

    template <class T>
    void shuffle(std::vector<T> &values)
    {
        std::shuffle(values.begin(), values.end(), m_engine);
    }

private:
    std::mt19937 m_engine;
};

Spelling spelling(Dice &dice)
{
    static const std::vector<std::vector<std::string>> kLineEnds{
        {"\n"}, {"\r\n"}, {"\r"}, {"\r\n", "\n"}, {"\r", "\r\n"}};
    return {.separator = kSeparators[dice.below(kSeparators.size())],
            .lineEnds = dice.oneOf(kLineEnds),
            .quoteAll = dice.half(),
            .sepLine = dice.below(4) == 0,
            .endsLastLine = dice.half()};
}

std::string quoted(const std::string &cell)
{
    std::string text = "\"";
    for (const char c : cell)
        text += c == '"' ? "\"\"" : std::string(1, c);
    return text + "\"";
}

std::string written(const Table &table, const Spelling &spelling)
{
    const char separator = charOf(spelling.separator);
    const std::string special = std::string("\"\r\n") + separator;
    std::string text;
    std::size_t line = 0;
    const auto end = [&] { text += spelling.lineEnds[line++ % spelling.lineEnds.size()]; };
    if (spelling.sepLine) {
        text += std::string("sep=") + separator;
        end();
    }
    for (std::size_t i = 0; i < table.size(); ++i) {
        for (std::size_t j = 0; j < table[i].size(); ++j) {
            const std::string &cell = table[i][j];
            // A lone empty cell would be a line that holds nothing.
            const bool needed =
                cell.find_first_of(special) != std::string::npos || (table[i].size() == 1 && cell.empty());
            text += j > 0 ? std::string(1, separator) : std::string();
            text += spelling.quoteAll || needed ? quoted(cell) : cell;
        }
        if (i + 1 < table.size() || spelling.endsLastLine)
            end();
    }
    return text;
}

std::string encoded(const std::string &text, Dice &dice)
{
    const std::string marked = "\xEF\xBB\xBF" + text;
    switch (dice.below(6)) {
    case 0:
        return marked;
    case 1:
        return asWindows1252(text);
    case 2:
        return asUtf16(dice.half() ? text : marked, Encoding::Utf16Le);
    case 3:
        return asUtf16(dice.half() ? text : marked, Encoding::Utf16Be);
    default:
        return text;
    }
}

std::string cell(Dice &dice)
{
    // No two of them read as UTF-8 when they are spelled in Windows-1252.
    static const std::vector<std::string> kPieces{"a",    "Z", "7", " ", "\"", ",", ";", "\t",    "|",    "\n",
                                                  "\r\n", "é", "ß", "=", "@",  "'", "ü", "sep=;", "\"\"", "  "};
    std::string text;
    for (std::size_t i = dice.below(6); i > 0; --i)
        text += dice.oneOf(kPieces);
    return text;
}

/// Words as people have them: some with what has to be quoted.
std::string words(Dice &dice)
{
    static const std::vector<std::string> kWords{
        "Guest", "Müller", "Zoë", "O'Neil", "van der Merwe", "Guest, the third", "the \"Great\"",
        "A;B",   "C|D",    "é",   "– –"};
    return dice.oneOf(kWords) + " " + std::to_string(dice.below(1'000));
}

Guest guest(Dice &dice, std::size_t number)
{
    static const std::vector<std::string> kTypes{"Adult", "Kind, ermäßigt", "VIP \"Gold\"", ""};
    static const std::vector<domain::TicketState> kStates{domain::TicketState::Valid, domain::TicketState::Pending,
                                                          domain::TicketState::Cancelled};
    Guest guest;
    guest.code = "VG" + std::to_string(1'000 + number) + (dice.half() ? "x,\"y\";" : "-aB");
    guest.hash = ticket::foreignHash(guest.code);
    guest.holder = words(dice);
    guest.email = "guest" + std::to_string(number) + "@example.org";
    guest.type = dice.oneOf(kTypes);
    guest.state = dice.oneOf(kStates);
    guest.seat = dice.half() ? "Row " + std::to_string(dice.below(50)) : "";
    guest.admits = static_cast<std::uint16_t>(1 + dice.below(3));
    guest.order = "B" + std::to_string(dice.below(100));
    return guest;
}

std::string cellOf(const Guest &guest, const std::string &header)
{
    const std::map<std::string, std::string> cells{{"Barcode", guest.code},
                                                   {"Name", guest.holder},
                                                   {"E-mail", guest.email},
                                                   {"Ticket type", guest.type},
                                                   {"Status", stateWord(guest.state)},
                                                   {"Seat", guest.seat},
                                                   {"Quantity", std::to_string(guest.admits)},
                                                   {"Order number", guest.order}};
    return cells.at(header);
}

} // namespace

class IdentityTest : public QObject
{
    Q_OBJECT

private slots:
    void everyTableIsReadBackAsItWasWritten()
    {
        for (unsigned seed = 0; seed < 6'000; ++seed) {
            Dice dice(seed);
            Table table(1 + dice.below(6));
            for (auto &row : table) {
                row.resize(1 + dice.below(5));
                std::generate(row.begin(), row.end(), [&] { return cell(dice); });
            }
            table[0][0].insert(0, "h"); // else it might be a sep= line
            const Spelling how = spelling(dice);
            const std::string bytes = encoded(written(table, how), dice);
            const auto text = decode(bytes);
            QVERIFY2(text, qPrintable(QString("seed %1").arg(seed)));
            const auto dialect = dialectOf(text->view(), how.sepLine ? std::nullopt : std::optional(how.separator));
            QVERIFY2(dialect, qPrintable(QString("seed %1").arg(seed)));
            CsvReader reader(text->view(), dialect->start);
            Table read;
            for (auto record = reader.next(); record && *record; record = reader.next()) {
                read.emplace_back();
                for (const Field &field : (*record)->fields)
                    read.back().emplace_back(field.text);
            }
            QVERIFY2(
                read == table,
                qPrintable(QString("seed %1: %2").arg(seed).arg(QString::fromStdString(base::printable(bytes, 500)))));
        }
    }

    void everyListIsReadBackAsItWasWritten()
    {
        for (unsigned seed = 0; seed < 500; ++seed) {
            Dice dice(seed);
            std::vector<std::string> headers{"Barcode", "Name", "E-mail",   "Ticket type",
                                             "Status",  "Seat", "Quantity", "Order number"};
            dice.shuffle(headers);
            std::vector<Guest> guests;
            for (std::size_t i = 3 + dice.below(40); i > 0; --i)
                guests.push_back(guest(dice, guests.size()));
            Table table{headers};
            for (const Guest &one : guests) {
                table.emplace_back();
                for (const std::string &header : headers)
                    table.back().push_back(cellOf(one, header));
            }
            const Spelling how = spelling(dice);
            std::size_t line = how.sepLine ? 3 : 2;
            for (Guest &one : guests)
                one.line = line++;
            const auto outcome = readGuestList(encoded(written(table, how), dice));
            QVERIFY2(outcome, qPrintable(QString("seed %1").arg(seed)));
            if (outcome->list.guests != guests) // shows what differs
                QCOMPARE(textsOf(outcome->list.guests), textsOf(guests));
            QVERIFY2(outcome->list.guests == guests, qPrintable(QString("seed %1").arg(seed)));
            QCOMPARE(outcome->list.findings.total(Severity::Error), std::size_t{0});
        }
    }
};

QTEST_APPLESS_MAIN(IdentityTest)
#include "identity_test.moc"

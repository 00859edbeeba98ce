#include "server/slices/ticketing/import/guest_row.h"

#include "server/slices/ticketing/import/clean.h"
#include "server/slices/ticketing/import/contents.h"

#include "shared/base/text.h"
#include "shared/ticket/foreign.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace voelgoed::ticketing::import {

namespace {

using domain::TicketState;

constexpr std::size_t kWordsMax = 500;
constexpr std::size_t kAnswerMax = 4'096;
constexpr std::size_t kAdmitsMax = 10'000;
constexpr std::size_t kStatusesMax = 1'000; ///< more different words are looked up each time

std::string quoted(std::string_view text)
{
    return "`" + base::printable(text, 48) + "`";
}

bool isTotalWord(std::string_view cell)
{
    constexpr std::size_t kLongest = 24;
    static constexpr std::array<std::string_view, 14> kWords{
        "grand total", "total",       "totals",        "gesamt",      "gesamtsumme", "summe",          "totaal",
        "eindtotaal",  "groottotaal", "total general", "total geral", "somme",       "total general:", "grand total:"};
    const bool digits = std::any_of(cell.begin(), cell.end(), [](char c) { return c >= '0' && c <= '9'; });
    return cell.size() <= kLongest && !digits && std::find(kWords.begin(), kWords.end(), folded(cell)) != kWords.end();
}

/// How far from admitting somebody.
int severityOf(TicketState state)
{
    switch (state) {
    case TicketState::Valid:
        return 0;
    case TicketState::Pending:
        return 1;
    case TicketState::Unapproved:
        return 2;
    case TicketState::Cancelled:
        return 3;
    case TicketState::Revoked:
        return 4;
    }
    return 4;
}

TicketState worse(TicketState a, TicketState b)
{
    return severityOf(a) >= severityOf(b) ? a : b;
}

/// "2", "2.0" and "2,00".
std::optional<std::size_t> wholeNumber(std::string_view text)
{
    std::size_t number = 0;
    const char *const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc())
        return std::nullopt;
    const std::string_view behind(rest, static_cast<std::size_t>(end - rest));
    const bool zeros = behind.size() > 1 && (behind[0] == '.' || behind[0] == ',') &&
                       behind.find_first_not_of('0', 1) == std::string_view::npos;
    return behind.empty() || zeros ? std::optional(number) : std::nullopt;
}

std::string sentenceOn(FindingKind kind, const std::string &code)
{
    switch (kind) {
    case FindingKind::NoCode:
        return "the code is empty";
    case FindingKind::NoCodeNotValid:
        return "cancelled or not approved, and without a code";
    case FindingKind::CodeTooLong:
        return "the code has " + grouped(code.size()) + " bytes, more than " + grouped(ticket::kForeignMax);
    case FindingKind::ScientificNotation:
        return quoted(code) + " is a number as a spreadsheet shows it, no code";
    case FindingKind::DecimalCode:
        return quoted(code) + " is a number with decimals, no code";
    case FindingKind::OwnCode:
        return quoted(code) + " is a signed code of this system";
    case FindingKind::UrlWithoutCode:
        return quoted(code) + " is an address without a code in it";
    case FindingKind::LooksScientific:
        return quoted(code) + " is read as a number by spreadsheets";
    case FindingKind::CodeFromUrl:
        return "the code " + quoted(code) + " stood in a web address";
    case FindingKind::CodeIsUrl:
        return "the code " + quoted(code) + " is a web address";
    case FindingKind::FormulaGuard:
        return "a TAB or an apostrophe stood before " + quoted(code);
    case FindingKind::Invisible:
        return "invisible characters or odd blanks in the code " + quoted(code);
    case FindingKind::ControlCharacters:
        return "control characters in the code " + quoted(code);
    case FindingKind::LostDigits:
    case FindingKind::LostZeros:
    case FindingKind::LostSign:
    case FindingKind::SameCode:
    case FindingKind::SameRow:
    case FindingKind::HashClash:
    case FindingKind::UnknownStatus:
    case FindingKind::BadQuantity:
    case FindingKind::TextTooLong:
    case FindingKind::TooManyColumns:
    case FindingKind::StrayQuote:
    case FindingKind::Group:
    case FindingKind::OddEmail:
    case FindingKind::ShortRow:
    case FindingKind::RepeatedHeader:
    case FindingKind::TotalRow:
        break; // said where they are found
    }
    return {};
}

std::optional<std::size_t> questionOf(const std::vector<domain::Question> &questions, const std::string &header)
{
    if (header.empty())
        return std::nullopt;
    const std::string words = folded(header);
    const auto found = std::find_if(questions.begin(), questions.end(), [&](const domain::Question &question) {
        return question.id.text == header || folded(question.text) == words;
    });
    return found == questions.end() ? std::nullopt : std::optional<std::size_t>(found - questions.begin());
}

} // namespace

RowReader::RowReader(const Layout &layout, const GuestRequest &request, Findings &findings)
    : m_layout(layout), m_request(request), m_findings(findings), m_columns(kRoles.size())
{
    std::vector<bool> taken(layout.headers.size());
    for (const Assignment &assignment : layout.assignments) {
        m_columns[static_cast<std::size_t>(assignment.role)] = assignment.columns;
        for (const std::size_t column : assignment.columns)
            taken[column] = true;
    }
    for (std::size_t i = 0; i < taken.size(); ++i) {
        if (!taken[i])
            m_others.push_back({.column = i, .question = questionOf(request.questions, layout.headers[i])});
    }
    std::stable_sort(m_others.begin(), m_others.end(),
                     [](const OtherColumn &a, const OtherColumn &b) { return a.question < b.question; });
}

void RowReader::find(FindingKind kind, std::size_t column, const std::function<std::string()> &sentence)
{
    if (severityOf(kind) == Severity::Error)
        m_kind = RowKind::Bad;
    const std::size_t line = column < m_row->fields.size() ? m_row->fields[column].line : m_row->line;
    if (!m_findings.keeps(kind))
        return m_findings.count(kind, line);
    m_findings.add({.place = {.line = line, .column = column + 1}, .kind = kind, .sentence = sentence()});
}

std::size_t RowReader::columnOf(Role role) const
{
    return columnsOf(role).empty() ? 0 : columnsOf(role).front();
}

std::string_view RowReader::cell(Role role) const
{
    const Columns &columns = columnsOf(role);
    return columns.empty() || columns.front() >= m_row->fields.size() ? std::string_view()
                                                                      : m_row->fields[columns.front()].text;
}

std::string RowReader::words(std::size_t column, std::size_t bytesMax)
{
    if (column >= m_row->fields.size())
        return {};
    Cleaned cleaned = cleanCell(m_row->fields[column].text);
    if (cleaned.formulaGuard)
        find(FindingKind::FormulaGuard, column, [&] { return sentenceOn(FindingKind::FormulaGuard, cleaned.text); });
    if (cleaned.text.size() > bytesMax) {
        find(FindingKind::TextTooLong, column, [&] {
            return quoted(m_layout.headers[column]) + " has " + grouped(cleaned.text.size()) + " bytes, more than " +
                   grouped(bytesMax);
        });
        cleaned.text.clear();
    }
    return std::move(cleaned.text);
}

std::string RowReader::words(Role role)
{
    const std::string_view between = role == Role::Seat ? " / " : " ";
    std::string text;
    for (const std::size_t column : columnsOf(role)) {
        const std::string part = words(column, kWordsMax);
        if (!part.empty())
            text += (text.empty() ? "" : std::string(between)) + part;
    }
    return text;
}

std::string RowReader::holder()
{
    std::string name = words(Role::Name);
    if (!name.empty())
        return name;
    name = words(Role::FirstName);
    const std::string last = words(Role::LastName);
    return name.empty() || last.empty() ? name + last : name + " " + last;
}

bool RowReader::isRepeatedHeader() const
{
    const auto says = [](const Field &field, const std::string &header) {
        return cleanCell(field.text).text == header;
    };
    if (m_layout.header == HeaderRow::Absent)
        return false;
    // Hardly any row gets beyond this.
    if (cell(Role::Code).find(m_layout.headers[columnOf(Role::Code)]) == std::string_view::npos)
        return false;
    return std::equal(m_row->fields.begin(), m_row->fields.end(), m_layout.headers.begin(), m_layout.headers.end(),
                      says);
}

bool RowReader::isTotal() const
{
    const std::string_view code = cell(Role::Code);
    if (!isBlank(code))
        return isTotalWord(code);
    const auto first = std::find_if(m_row->fields.begin(), m_row->fields.end(),
                                    [](const Field &field) { return !isBlank(field.text); });
    return first != m_row->fields.end() && isTotalWord(first->text);
}

void RowReader::checkShape()
{
    const std::size_t there = m_row->fields.size();
    const std::size_t wanted = m_layout.headers.size();
    if (m_row->stray)
        find(FindingKind::StrayQuote, m_row->stray->column - 1,
             [] { return "something stands behind a closing quote"; });
    for (std::size_t i = wanted; i < there; ++i) {
        if (isBlank(m_row->fields[i].text))
            continue;
        find(FindingKind::TooManyColumns, i,
             [&] { return std::to_string(there) + " columns, the header has " + std::to_string(wanted); });
        break;
    }
    if (there < wanted)
        find(FindingKind::ShortRow, there - 1,
             [&] { return std::to_string(there) + " columns, the header has " + std::to_string(wanted); });
}

void RowReader::readStatus(Guest &guest)
{
    const std::string_view written = cell(Role::Status);
    auto known = m_statuses.find(written);
    if (known == m_statuses.end()) {
        if (m_statuses.size() >= kStatusesMax)
            m_statuses.clear();
        known = m_statuses.emplace(std::string(written), statusMeaning(folded(written))).first;
    }
    const auto &meaning = known->second;
    if (!meaning)
        return find(FindingKind::UnknownStatus, columnOf(Role::Status),
                    [&] { return "the status " + quoted(written) + " is not known"; });
    guest.state = worse(guest.state, meaning->state);
    if (meaning->checkedIn && guest.checkedIn.empty())
        guest.checkedIn = cleanCell(written).text;
}

void RowReader::readState(Guest &guest)
{
    const auto isUnknown = [&](Role role) {
        find(FindingKind::UnknownStatus, columnOf(role), [&] {
            return quoted(cell(role)) + " in " + quoted(m_layout.headers[columnOf(role)]) + " is neither yes nor no";
        });
    };
    if (!columnsOf(Role::CheckedIn).empty() && saysYes(folded(cell(Role::CheckedIn))) != false)
        guest.checkedIn = words(Role::CheckedIn);
    if (!columnsOf(Role::Status).empty())
        readStatus(guest);
    if (!columnsOf(Role::Voided).empty()) {
        const auto voided = saysYes(folded(cell(Role::Voided)));
        if (!voided)
            isUnknown(Role::Voided);
        else if (*voided)
            guest.state = TicketState::Cancelled;
    }
    if (columnsOf(Role::Paid).empty())
        return;
    const std::string written = folded(cell(Role::Paid));
    const auto paid = saysYes(written);
    const auto inWords = paid ? std::nullopt : statusMeaning(written);
    if (!paid && !inWords)
        isUnknown(Role::Paid);
    else if (paid.value_or(inWords && inWords->state == TicketState::Valid) == false)
        guest.state = worse(guest.state, TicketState::Pending);
}

void RowReader::readCode(Guest &guest)
{
    const std::size_t column = columnOf(Role::Code);
    CodeText read = import::readCode(cell(Role::Code), {.system = m_layout.system, .urls = m_request.urls});
    guest.code = std::move(read.code);
    for (const FindingKind kind : read.warnings)
        find(kind, column, [&] { return sentenceOn(kind, guest.code); });
    if (!read.problem)
        return;
    const bool admitsNobody = guest.state == TicketState::Cancelled || guest.state == TicketState::Unapproved;
    const bool leftOut = *read.problem == FindingKind::NoCode && admitsNobody && m_kind == RowKind::Guest;
    const FindingKind kind = leftOut ? FindingKind::NoCodeNotValid : *read.problem;
    find(kind, column, [&] { return sentenceOn(kind, guest.code); });
    if (leftOut)
        m_kind = RowKind::Passed;
}

void RowReader::readQuantity(Guest &guest)
{
    const std::string text = cleanCell(cell(Role::Quantity)).text;
    if (text.empty() || (text == "0" && guest.state == TicketState::Cancelled))
        return;
    const auto number = wholeNumber(text);
    if (!number || *number == 0 || *number > kAdmitsMax)
        return find(FindingKind::BadQuantity, columnOf(Role::Quantity),
                    [&] { return quoted(text) + " is no number of persons from 1 to " + grouped(kAdmitsMax); });
    guest.admits = static_cast<std::uint16_t>(*number);
    if (*number > 1)
        find(FindingKind::Group, columnOf(Role::Quantity),
             [&] { return "the code " + quoted(guest.code) + " admits " + grouped(*number); });
}

void RowReader::readAnswers(Guest &guest)
{
    for (const auto &[column, question] : m_others) {
        const bool isLong = column < m_row->fields.size() && m_row->fields[column].text.size() > kAnswerMax;
        if (!question && !isLong)
            continue;
        std::string text = words(column, kAnswerMax);
        if (!question || text.empty())
            continue;
        if (!guest.answers.empty() && guest.answers.back().question == *question)
            guest.answers.back().text = std::move(text);
        else
            guest.answers.push_back({.question = *question, .text = std::move(text)});
    }
}

ReadRow RowReader::read(const Record &row)
{
    m_row = &row;
    m_kind = RowKind::Guest;
    const bool header = isRepeatedHeader();
    if (header || isTotal()) {
        find(header ? FindingKind::RepeatedHeader : FindingKind::TotalRow, 0,
             [&] { return header ? "the header once more" : "a row of totals"; });
        return {.kind = RowKind::Passed, .guest = {}};
    }
    Guest guest;
    guest.line = row.line;
    checkShape();
    if (m_kind == RowKind::Bad) // nobody knows what is in which column
        return {.kind = m_kind, .guest = {}};
    readState(guest);
    readCode(guest);
    readQuantity(guest);
    guest.holder = holder();
    guest.email = words(Role::Email);
    if (!guest.email.empty() && !looksLikeEmail(guest.email))
        find(FindingKind::OddEmail, columnOf(Role::Email),
             [&] { return quoted(guest.email) + " is no e-mail address"; });
    guest.type = words(Role::Type);
    guest.seat = words(Role::Seat);
    guest.order = words(Role::Order);
    readAnswers(guest);
    return {.kind = m_kind, .guest = std::move(guest)};
}

} // namespace voelgoed::ticketing::import

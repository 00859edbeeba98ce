#include "server/slices/ticketing/import/guests.h"

#include "server/slices/ticketing/import/code_book.h"
#include "server/slices/ticketing/import/code_patterns.h"

#include "shared/base/text.h"
#include "shared/ticket/foreign.h"

#include <algorithm>
#include <utility>

namespace voelgoed::ticketing::import {

namespace {

std::string quoted(std::string_view code)
{
    return "`" + base::printable(code, 48) + "`";
}

/// A list while it is read: guests stay where they are until it is known which of them are bad.
class Building
{
public:
    explicit Building(const Layout &layout) : m_codeColumn(layout.of(Role::Code)->columns.front() + 1) {}

    Findings &findings() { return m_list.findings; }
    Counts &counts() { return m_list.counts; }

    void add(Guest guest, std::string_view row)
    {
        guest.hash = ticket::foreignHash(guest.code);
        const auto first = m_book.firstWith(guest.hash, m_list.guests.size());
        if (!first) {
            m_list.guests.push_back(std::move(guest));
            m_rows.push_back(row);
            m_bad.push_back(false);
            return;
        }
        const Guest &other = m_list.guests[*first];
        switch (meetingOf({.code = other.code, .row = m_rows[*first]}, {.code = guest.code, .row = row})) {
        case Meeting::SameRow:
            find(FindingKind::SameRow, guest.line, "the same as line " + std::to_string(other.line));
            ++m_list.counts.passedOver;
            return;
        case Meeting::SameCode:
            return clash(FindingKind::SameCode, guest, *first, "has the same code " + quoted(guest.code));
        case Meeting::HashClash:
            return clash(FindingKind::HashClash, guest, *first,
                         "has a code that gates cannot tell from this one, " + quoted(other.code));
        }
    }

    GuestList finish()
    {
        findPatterns();
        std::size_t good = 0;
        for (std::size_t i = 0; i < m_list.guests.size(); ++i) {
            if (!m_bad[i] && good++ != i)
                m_list.guests[good - 1] = std::move(m_list.guests[i]);
        }
        m_list.counts.badRows += m_list.guests.size() - good;
        m_list.guests.resize(good);
        std::for_each(m_list.guests.begin(), m_list.guests.end(), [&](const Guest &guest) { count(guest); });
        return std::move(m_list);
    }

private:
    void find(FindingKind kind, std::size_t line, std::string sentence)
    {
        m_list.findings.add(
            {.place = {.line = line, .column = m_codeColumn}, .kind = kind, .sentence = std::move(sentence)});
    }

    /// Neither of the two can be believed: with the first one alone a cancelled ticket might be good again.
    void clash(FindingKind kind, const Guest &guest, std::size_t first, const std::string &what)
    {
        const std::size_t line = m_list.guests[first].line;
        if (!m_bad[first])
            find(kind, line, "line " + std::to_string(guest.line) + " " + what);
        m_bad[first] = true;
        find(kind, guest.line, "line " + std::to_string(line) + " " + what);
        ++m_list.counts.badRows;
    }

    void findPatterns()
    {
        std::vector<std::string_view> codes;
        codes.reserve(m_list.guests.size());
        for (const Guest &guest : m_list.guests)
            codes.push_back(guest.code);
        for (const Pattern &pattern : patternsOf(codes)) {
            const Guest &guest = m_list.guests[pattern.index];
            const char *const what = pattern.kind == FindingKind::LostDigits
                                         ? " has zeros behind its fifteenth digit, as all long ones here"
                                         : " is shorter than the others";
            find(pattern.kind, guest.line, quoted(guest.code) + what);
            if (severityOf(pattern.kind) == Severity::Error)
                m_bad[pattern.index] = true;
        }
    }

    void count(const Guest &guest)
    {
        Counts &counts = m_list.counts;
        ++counts.guests;
        counts.checkedIn += guest.checkedIn.empty() ? 0 : 1;
        switch (guest.state) {
        case domain::TicketState::Valid:
            ++counts.valid;
            counts.persons += guest.admits;
            break;
        case domain::TicketState::Pending:
            ++counts.pending;
            break;
        case domain::TicketState::Unapproved:
            ++counts.unapproved;
            break;
        case domain::TicketState::Cancelled:
        case domain::TicketState::Revoked:
            ++counts.cancelled;
            break;
        }
    }

    std::size_t m_codeColumn;
    GuestList m_list;
    std::vector<std::string_view> m_rows; ///< of each guest, as written
    std::vector<bool> m_bad;
    CodeBook m_book;
};

} // namespace

base::Result<GuestList> readGuests(Records &records, const Layout &layout, const GuestRequest &request)
{
    Building building(layout);
    RowReader reader(layout, request, building.findings());
    bool headerIsNext = layout.header == HeaderRow::Present;
    for (;;) {
        const auto record = records.next();
        if (!record)
            return record.error();
        if (!*record)
            return building.finish();
        if (isBlank(**record)) {
            ++building.counts().blankRows;
            continue;
        }
        if (std::exchange(headerIsNext, false))
            continue;
        ++building.counts().rows;
        ReadRow row = reader.read(**record);
        switch (row.kind) {
        case RowKind::Guest:
            building.add(std::move(row.guest), (*record)->raw);
            break;
        case RowKind::Bad:
            ++building.counts().badRows;
            break;
        case RowKind::Passed:
            ++building.counts().passedOver;
            break;
        }
    }
}

} // namespace voelgoed::ticketing::import

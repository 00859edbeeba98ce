#pragma once

#include "server/slices/ticketing/import/code_text.h"
#include "server/slices/ticketing/import/guest.h"
#include "server/slices/ticketing/import/layout.h"
#include "server/slices/ticketing/import/status_words.h"

#include "shared/domain/event.h"

#include <functional>
#include <map>

namespace voelgoed::ticketing::import {

struct GuestRequest
{
    /// A column without a role whose header is the id or the text of one of these is guests' answers to it; of several
    /// such columns the last one counts that says something. Others are only looked at for what a missing quote makes
    /// of them.
    std::vector<domain::Question> questions;
    UrlCodes urls = UrlCodes::AsKnown;
};

/// What a row is.
enum class RowKind {
    Guest,
    Bad,    ///< has an error
    Passed, ///< a repeated header, a total, a cancelled row without a code
};

struct ReadRow
{
    RowKind kind = RowKind::Guest;
    Guest guest; ///< its hash is not worked out yet
};

/// Reads rows by a layout, each for itself. Borrows all it is given.
class RowReader
{
public:
    RowReader(const Layout &layout, const GuestRequest &request, Findings &findings);

    RowReader(const RowReader &) = delete;
    RowReader &operator=(const RowReader &) = delete;

    /// No blank one.
    ReadRow read(const Record &row);

private:
    using Columns = std::vector<std::size_t>;
    struct OtherColumn
    {
        std::size_t column = 0;
        std::optional<std::size_t> question; ///< that its cells answer
    };

    const Columns &columnsOf(Role role) const { return m_columns[static_cast<std::size_t>(role)]; }
    std::size_t columnOf(Role role) const;
    std::string_view cell(Role role) const;
    bool isRepeatedHeader() const;
    bool isTotal() const;
    void checkShape();
    void readState(Guest &guest);
    void readStatus(Guest &guest);
    void readCode(Guest &guest);
    void readQuantity(Guest &guest);
    void readAnswers(Guest &guest);
    std::string words(std::size_t column, std::size_t bytesMax);
    std::string words(Role role);
    std::string holder();
    void find(FindingKind kind, std::size_t column, const std::function<std::string()> &sentence);

    const Layout &m_layout;
    const GuestRequest &m_request;
    Findings &m_findings;
    std::vector<Columns> m_columns;    ///< by role
    std::vector<OtherColumn> m_others; ///< columns without a role, by question
    std::map<std::string, std::optional<StatusMeaning>, std::less<>> m_statuses; ///< words as they are written
    const Record *m_row = nullptr;
    RowKind m_kind = RowKind::Guest;
};

} // namespace voelgoed::ticketing::import

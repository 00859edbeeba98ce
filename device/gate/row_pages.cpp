#include "device/gate/row_pages.h"

namespace voelgoed::gate {

using base::Result;

Result<std::vector<RowPages::Entry>> RowPages::next()
{
    if (auto refreshed = m_engine->refresh(); !refreshed)
        return refreshed.error();
    vault::Vault &vault = m_engine->vault();
    auto rows = vault.journal().rowsAfter(m_after, kPage);
    if (!rows)
        return rows.error();
    std::vector<Entry> page;
    for (journal::StoredRow &row : *rows) {
        if (auto added = add(std::move(row.row), page); !added)
            return added.error();
    }
    if (!page.empty())
        return page;
    for (const base::Bytes &bytes : vault.rescuedRows()) {
        auto row = journal::storedRow(bytes);
        if (!row)
            return row.error().at("rescue journal");
        if (row->row.key.sequence <= m_after)
            continue;
        if (auto added = add(std::move(row->row), page); !added)
            return added.error();
    }
    return page;
}

Result<void> RowPages::add(domain::Row row, std::vector<Entry> &page)
{
    const auto shown = m_engine->vault().wasShown(row.key.sequence);
    if (!shown)
        return shown.error();
    m_after = row.key.sequence;
    page.push_back({std::move(row), *shown ? Shown::Yes : Shown::InDoubt});
    return {};
}

} // namespace voelgoed::gate

#pragma once

#include "device/core/scan/engine.h"
#include "device/gate/row_json.h"

#include <vector>

namespace voelgoed::gate {

/// A device's rows, oldest first, a page at a time, so that scans are judged in between: those of its file, then those
/// that are in the rescue journal alone. Rows that are added meanwhile come out too.
class RowPages
{
public:
    static constexpr std::size_t kPage = 200;

    struct Entry
    {
        domain::Row row;
        Shown shown = Shown::Yes;
    };

    /// `engine` is borrowed.
    explicit RowPages(scan::Engine &engine) : m_engine(&engine) {}

    /// Empty when there are no more.
    base::Result<std::vector<Entry>> next();

private:
    base::Result<void> add(domain::Row row, std::vector<Entry> &page);

    scan::Engine *m_engine;
    domain::Sequence m_after;
};

} // namespace voelgoed::gate

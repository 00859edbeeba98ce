#include "device/gate/jobs.h"
#include "device/gate/row_json.h"

#include "shared/base/json.h"

namespace voelgoed::gate {

namespace {

constexpr std::size_t kRowsAStep = 200;

/// The journal, page by page. Rows that are added meanwhile come out too.
class ExportJob final : public Job
{
public:
    explicit ExportJob(const Workplace &place) : m_place(place) {}

    State step(Output &output) override
    {
        if (auto refreshed = m_place.engine.refresh(); !refreshed)
            return failed(output, refreshed.error());
        journal::Journal &journal = m_place.engine.vault().journal();
        const auto rows = journal.rowsAfter(m_after, kRowsAStep);
        if (!rows)
            return failed(output, rows.error());
        for (const journal::StoredRow &row : *rows) {
            m_after = row.row.key.sequence;
            const auto shown = m_place.engine.vault().wasShown(m_after);
            if (!shown)
                return failed(output, shown.error());
            output.out += base::toText(jsonOf(row.row, *shown ? Shown::Yes : Shown::InDoubt)) + "\n";
        }
        return rows->size() < kRowsAStep ? State::Done : State::More;
    }
    int exitStatus() const override { return m_status; }

private:
    State failed(Output &output, const base::Error &error)
    {
        output.err += errorLines(error);
        m_status = 1;
        return State::Done;
    }

    Workplace m_place;
    domain::Sequence m_after;
    int m_status = 0;
};

} // namespace

std::unique_ptr<Job> makeExportJob(const Workplace &place)
{
    return std::make_unique<ExportJob>(place);
}

} // namespace voelgoed::gate

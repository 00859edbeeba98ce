#include "device/gate/jobs.h"
#include "device/gate/row_pages.h"

#include "shared/base/json.h"

namespace voelgoed::gate {

namespace {

class ExportJob final : public Job
{
public:
    explicit ExportJob(const Workplace &place) : m_pages(place.engine) {}

    State step(Output &output) override
    {
        const auto page = m_pages.next();
        if (!page) {
            output.err += errorLines(page.error());
            m_status = 1;
            return State::Done;
        }
        for (const RowPages::Entry &entry : *page)
            output.out += base::toText(jsonOf(entry.row, entry.shown)) + "\n";
        return page->empty() ? State::Done : State::More;
    }
    int exitStatus() const override { return m_status; }

private:
    RowPages m_pages;
    int m_status = 0;
};

} // namespace

std::unique_ptr<Job> makeExportJob(const Workplace &place)
{
    return std::make_unique<ExportJob>(place);
}

} // namespace voelgoed::gate

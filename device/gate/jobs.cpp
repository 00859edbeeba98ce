#include "device/gate/jobs.h"

#include "shared/base/text.h"

namespace voelgoed::gate {

namespace {

class FailedJob final : public Job
{
public:
    explicit FailedJob(std::string lines) : m_lines(std::move(lines)) {}

    State step(Output &output) override
    {
        output.err += m_lines;
        return State::Done;
    }
    int exitStatus() const override { return 2; }

private:
    std::string m_lines;
};

struct Make
{
    const Workplace &place;

    std::unique_ptr<Job> operator()(const StatusRequest &request) const { return makeStatusJob(request, place); }
    std::unique_ptr<Job> operator()(const ExportRequest &) const { return makeExportJob(place); }
    std::unique_ptr<Job> operator()(const WhyRequest &request) const { return makeWhyJob(request, place); }
    std::unique_ptr<Job> operator()(const LoadRequest &request) const { return makeLoadJob(request, place); }
};

} // namespace

std::unique_ptr<Job> makeJob(const Request &request, const Workplace &place)
{
    return std::visit(Make{place}, request);
}

std::unique_ptr<Job> makeFailedJob(const base::Error &error)
{
    return std::make_unique<FailedJob>(errorLines(error));
}

std::string errorLines(const base::Error &error)
{
    std::string lines = "error: " + base::printable(error.message, 600) + "\n";
    if (!error.hint.empty())
        lines += "       " + error.hint + "\n";
    return lines;
}

} // namespace voelgoed::gate

#include "server/platform/jobs/attempt.h"

#include <algorithm>

namespace voelgoed::jobs {

using async::Task;
using namespace std::chrono_literals;

namespace {

constexpr auto kWrittenEvery = 500ms;

constexpr pg::Sql kProgress{R"(
UPDATE platform.jobs SET progress = $4
WHERE organization_id = app.org() AND id = $1 AND worker = $2 AND attempt = $3 AND state = 'executing')"};

} // namespace

Attempt::Attempt(work::Database &database, Job job, std::string worker)
    : m_database(database), m_job(std::move(job)), m_worker(std::move(worker))
{
    if (m_job.organization != work::kPlatform)
        m_own.emplace(m_database.within(m_job.organization));
}

std::string Attempt::text(std::string_view name) const
{
    const auto *field = m_job.args.is_object() ? m_job.args.get_object().if_contains(name) : nullptr;
    return field && field->is_string() ? std::string(field->get_string()) : std::string();
}

base::Uuid Attempt::uuid(std::string_view name) const
{
    return base::uuidFrom(text(name)).value_or(base::Uuid());
}

work::Database::Who Attempt::who() const
{
    return {access::Actor::system(m_job.organization, "job " + m_job.kind), "job-" + base::toText(m_job.id)};
}

Task<void> Attempt::progress(double part)
{
    const auto now = std::chrono::steady_clock::now();
    if (now - m_lastWritten < kWrittenEvery)
        co_return;
    m_lastWritten = now;
    const double within = std::clamp(part, 0.0, 1.0);
    const auto written =
        co_await m_database.read(m_job.organization, kProgress,
                                 pg::Params::of(m_job.id, m_worker, static_cast<std::int32_t>(m_job.attempt), within));
    if (written && written->touched() == 0)
        m_shouldStop = true;
}

} // namespace voelgoed::jobs

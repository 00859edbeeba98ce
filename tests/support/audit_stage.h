#pragma once

#include "server/slices/audit/jobs.h"
#include "server/slices/audit/module.h"
#include "server/slices/tenancy/module.h"
#include "tests/support/server_bench.h"

namespace voelgoed::test {

/// A server of the audit trail and what people do in an organization, with one organization.
class AuditStage
{
public:
    explicit AuditStage(Postgres &postgres)
        : m_bench(std::make_unique<ServerBench>(
              postgres,
              std::vector<ServerBench::MakeSlice>{
                  audit::make, [](platform::Kernel &kernel) { return tenancy::make(kernel).slice; }})),
          organization(newOrganization())
    {}

private:
    std::unique_ptr<ServerBench> m_bench;
    int m_number = 0;

public:
    const base::Uuid organization;

    ServerBench &bench() const { return *m_bench; }

    base::Uuid newOrganization()
    {
        const std::string slug = "o" + std::to_string(++m_number);
        const auto made = m_bench->call({superAdmin(work::kPlatform, "tests"),
                                         http::Method::Post,
                                         "/v1/orgs",
                                         {{"name", slug}, {"slug", slug}, {"owner_email", "owner@" + slug + ".org"}}});
        base::ensure(made.status == 201, made.body.c_str());
        return *base::uuidFrom(made.text("id"));
    }
    void invite(const access::Actor &actor, const std::string &email) const
    {
        const auto invited = m_bench->call({actor,
                                            http::Method::Post,
                                            "/v1/orgs/" + base::toText(organization) + "/invitations",
                                            {{"email", email}, {"role", "staff"}}});
        base::ensure(invited.status == 201, invited.body.c_str());
    }
    void seal() const
    {
        const auto failure = m_bench->runRoutine("audit.seal");
        base::ensure(!failure, failure ? failure->message.c_str() : "");
    }
    Reply get(const std::string &target) const
    {
        return m_bench->call({member(organization, access::Role::Owner), http::Method::Get, target});
    }
    bool holds() const { return get("/v1/audit/verify").json.at("holds").as_bool(); }

    /// A figure of the outcome of a job of the clock's, done once.
    int figure(const char *kind, const char *name) const
    {
        jobs::Attempt attempt(m_bench->database(),
                              {.organization = work::kPlatform, .id = {}, .kind = kind, .args = {}, .createdAt = {}},
                              "test");
        const auto *entry = m_bench->kernel().jobs.find(kind);
        base::ensure(entry != nullptr, kind);
        const auto change = [&](work::UnitOfWork &unit) { return entry->change(unit, attempt); };
        auto outcome =
            m_bench->run(entry->handler ? entry->handler(attempt)
                                        : m_bench->database().transact<jobs::Outcome>(attempt.who(), change));
        base::ensure(bool(outcome), outcome ? "" : outcome.error().message.c_str());
        return std::get<jobs::Done>(*outcome).result.at(name).to_number<int>();
    }
};

} // namespace voelgoed::test

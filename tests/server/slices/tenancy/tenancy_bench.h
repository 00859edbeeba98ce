#pragma once

#include "server/slices/audit/module.h"
#include "server/slices/tenancy/module.h"
#include "tests/support/server_bench.h"

#include <memory>

/// The slice of tenancy on a bench.
namespace voelgoed::test {

class TenancyBench
{
public:
    explicit TenancyBench(Postgres &postgres)
        : server(postgres, {audit::make, [this](platform::Kernel &kernel) {
                                auto made = tenancy::make(kernel);
                                organizations = made.organizations;
                                return std::move(made.slice);
                            }})
    {}

    contracts::Organizations *organizations = nullptr;
    ServerBench server;

    struct Organization
    {
        base::Uuid id{};
        std::string path; ///< "/v1/orgs/…"
        access::Actor owner;
    };
    Organization create(const std::string &slug)
    {
        const Reply made = server.call({superAdmin(work::kPlatform, "tests"),
                                        http::Method::Post,
                                        "/v1/orgs",
                                        {{"name", slug},
                                         {"slug", slug},
                                         {"owner_email", "owner@" + slug + ".example.org"},
                                         {"owner_password", "Sterk3Wagwoord"},
                                         {"owner_first_name", "Anna"},
                                         {"owner_last_name", "Botha"}}});
        base::ensure(made.status == 201, ("an organization was not created: " + made.body).c_str());
        const base::Uuid id = *base::uuidFrom(made.text("id"));
        return {id, "/v1/orgs/" + made.text("id"), member(id, access::Role::Owner)};
    }
    /// A real person of it.
    std::string ownerOf(const Organization &organization)
    {
        const Reply members = server.call({organization.owner, http::Method::Get, organization.path + "/members"});
        return std::string(members.json.at("data").at(0).at("id").as_string());
    }
    Reply ask(const access::Actor &actor, http::Method method, const std::string &target, base::Json body = {})
    {
        return server.call({actor, method, target, std::move(body)});
    }
};

} // namespace voelgoed::test

#pragma once

#include "server/slices/api/module.h"
#include "server/slices/audit/module.h"
#include "server/slices/tenancy/module.h"
#include "tests/support/server_bench.h"

#include <memory>

/// The slice of keys on a bench, beside tenancy, whose routes are what keys are used for here.
namespace voelgoed::test {

class ApiBench
{
public:
    explicit ApiBench(Postgres &postgres, ServerBench::Options options = {})
        : server(postgres,
                 {audit::make,
                  [this](platform::Kernel &kernel) {
                      auto made = tenancy::make(kernel);
                      m_organizations = made.organizations;
                      return std::move(made.slice);
                  },
                  [this](platform::Kernel &kernel) { return api::make(kernel, *m_organizations); }},
                 std::move(options))
    {}

private:
    contracts::Organizations *m_organizations = nullptr;

public:
    ServerBench server;

    contracts::Organizations &organizations() { return *m_organizations; }

    struct Organization
    {
        base::Uuid id{};
        std::string path; ///< "/v1/orgs/…"
        access::Actor owner;
    };
    Organization organization(const std::string &slug)
    {
        const Reply made = server.call({superAdmin(work::kPlatform, "tests"),
                                        http::Method::Post,
                                        "/v1/orgs",
                                        {{"name", slug}, {"slug", slug}, {"owner_email", "owner@" + slug + ".org"}}});
        base::ensure(made.status == 201, ("an organization was not created: " + made.body).c_str());
        const base::Uuid id = *base::uuidFrom(made.text("id"));
        return {id, "/v1/orgs/" + made.text("id"), member(id, access::Role::Owner)};
    }

    struct Key
    {
        std::string id, secret;
    };
    Key key(const Organization &of, base::Json scopes, base::Json expiresAt = {})
    {
        const Reply made = ask(of.owner, http::Method::Post, "/v1/api-keys",
                               {{"name", "Shop"}, {"scopes", std::move(scopes)}, {"expires_at", std::move(expiresAt)}});
        base::ensure(made.status == 201, ("a key was not made: " + made.body).c_str());
        return {made.text("id"), made.text("secret")};
    }
    Reply ask(const access::Actor &actor, http::Method method, const std::string &target, base::Json body = {})
    {
        return server.call({actor, method, target, std::move(body)});
    }
    /// As whoever has the secret.
    Reply with(const std::string &secret, const std::string &target, http::Method method = http::Method::Get,
               base::Json body = {})
    {
        return server.call(
            {access::Actor::nobody(), method, target, std::move(body), {{"Authorization", "Bearer " + secret}}});
    }
};

} // namespace voelgoed::test

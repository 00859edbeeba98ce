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
                                badges = made.badges;
                                return std::move(made.slice);
                            }})
    {}

    contracts::Organizations *organizations = nullptr;
    contracts::Badges *badges = nullptr;
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
        for (const base::Json &each : members.json.at("data").as_array()) {
            if (each.at("role").as_string() == "owner")
                return std::string(each.at("id").as_string());
        }
        base::ensure(false, "an organization without an owner");
        return {};
    }
    static constexpr const char *kPassword = "Sterk3Wagwoord";
    static access::Actor platform() { return superAdmin(work::kPlatform, "tests"); }

    Reply invite(const Organization &organization, const std::string &email, const std::string &role)
    {
        return ask(organization.owner, http::Method::Post, organization.path + "/invitations",
                   {{"email", email}, {"role", role}});
    }
    Reply accept(const std::string &token, const std::string &email)
    {
        return ask(access::Actor::nobody(), http::Method::Post, "/v1/invitations/accept",
                   {{"token", token}, {"email", email}, {"password", kPassword}});
    }
    /// A real person of it; the id.
    std::string join(const Organization &organization, const std::string &email, const std::string &role)
    {
        const Reply accepted = accept(invite(organization, email, role).text("token"), email);
        base::ensure(accepted.status == 200, ("nobody joined: " + accepted.body).c_str());
        return idOf(email);
    }
    /// Somebody who was never there before; the address.
    std::string newcomer(const Organization &organization, const std::string &role = "staff")
    {
        const std::string email = "p" + std::to_string(++m_newcomers) + "@one.example.org";
        join(organization, email, role);
        return email;
    }
    std::string idOf(const std::string &email) const
    {
        return server.execute("SELECT id FROM tenancy.users WHERE email = '" + email + "'");
    }
    Reply signIn(const std::string &email, const std::string &password = kPassword)
    {
        return ask(access::Actor::nobody(), http::Method::Post, "/v1/sessions",
                   {{"email", email}, {"password", password}});
    }
    /// With a real login, as it is known on a server.
    static Reply get(ServerBench &at, const std::string &target, const std::string &token)
    {
        return at.call(
            {access::Actor::nobody(), http::Method::Get, target, {}, {{"Authorization", "Bearer " + token}}});
    }
    Reply ask(const access::Actor &actor, http::Method method, const std::string &target, base::Json body = {})
    {
        return server.call({actor, method, target, std::move(body)});
    }

private:
    int m_newcomers = 0;
};

} // namespace voelgoed::test

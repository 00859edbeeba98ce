#include "server/cli/verbs/verbs.h"

namespace voelgoed::cli {

using base::Result;

namespace {

const std::vector<Column> kMembers{
    {"E-MAIL", "email"},  {"FIRST NAME", "first_name"}, {"LAST NAME", "last_name"}, {"ROLE", "role"},
    {"STATUS", "status"}, {"SUPPORT", "support"},       {"MORE", "grants"},         {"ID", "id"}};
const std::vector<std::string> kRoles{"owner", "admin", "staff", "viewer", "scanner_only"};

Result<std::string> path(Shell &shell, const std::string &rest)
{
    const auto id = shell.organization();
    if (!id)
        return id.error();
    return "/v1/orgs/" + *id + rest;
}

} // namespace

void addUser(CLI::App &program, Shell &shell)
{
    auto *user = program.add_subcommand("user", "People of an organization and their roles, and all users");
    user->require_subcommand(1);

    auto *list = user->add_subcommand("list", "Who is in the organization");
    shell.choose(list, [&shell]() -> Result<Exit> {
        const auto where = path(shell, "/members");
        if (!where)
            return where.error();
        const auto found = shell.all(*where);
        if (!found)
            return found.error();
        return shell.show(*found, kMembers);
    });

    struct Given
    {
        std::string who, role, first, last, passwordFile, token;
    };
    auto *invite = user->add_subcommand("invite", "Invite somebody; the token is shown once");
    auto in = std::make_shared<Given>();
    invite->add_option("EMAIL", in->who)->required();
    invite->add_option("--role", in->role)->required()->check(CLI::IsMember(kRoles));
    shell.choose(invite, [&shell, in]() -> Result<Exit> {
        const auto where = path(shell, "/invitations");
        if (!where)
            return where.error();
        const auto made = shell.post(*where, {{"email", in->who}, {"role", in->role}});
        if (!made)
            return made.error();
        return shell.say(*made, plainText(made->at("token")));
    });

    auto *invitations = user->add_subcommand("invitations", "Invitations that are open");
    auto listed = std::make_shared<Given>();
    invitations->add_option("--after", listed->who, "`next` of the page before");
    shell.choose(invitations, [&shell, listed]() -> Result<Exit> {
        const auto where = path(shell, "/invitations");
        if (!where)
            return where.error();
        std::vector<std::pair<std::string, std::string>> query{{"limit", "100"}};
        if (!listed->who.empty())
            query.emplace_back("after", listed->who);
        const auto found = shell.get(*where, std::move(query));
        if (!found)
            return found.error();
        return shell.show(*found, {{"E-MAIL", "email"}, {"ROLE", "role"}, {"UNTIL", "expires_at"}, {"ID", "id"}});
    });

    auto *withdraw = user->add_subcommand("withdraw", "Take an invitation back");
    auto withdrawn = std::make_shared<Given>();
    withdraw->add_option("INVITATION", withdrawn->who, "Its id")->required();
    shell.choose(withdraw, [&shell, withdrawn]() -> Result<Exit> {
        const auto where = path(shell, "/invitations/" + escaped(withdrawn->who));
        if (!where)
            return where.error();
        const auto done = shell.send("DELETE", *where, nullptr);
        if (!done)
            return done.error();
        return shell.say(*done, "Taken back.");
    });

    auto *accept = user->add_subcommand("accept", "Accept an invitation");
    auto taken = std::make_shared<Given>();
    accept->add_option("EMAIL", taken->who, "The address that was invited")->required();
    accept->add_option("--token", taken->token)->required();
    accept->add_option("--password-file", taken->passwordFile,
                       "The account's password, or a new one for somebody who has no account yet");
    accept->add_option("--first-name", taken->first);
    accept->add_option("--last-name", taken->last);
    shell.choose(accept, [&shell, taken]() -> Result<Exit> {
        base::Json body{{"email", taken->who}, {"token", taken->token}};
        if (!taken->passwordFile.empty()) {
            const auto password = secretFrom(taken->passwordFile, {});
            if (!password)
                return password.error();
            body.as_object()["password"] = boost::json::string(*password);
        }
        if (!taken->first.empty())
            body.as_object()["first_name"] = boost::json::string(taken->first);
        if (!taken->last.empty())
            body.as_object()["last_name"] = boost::json::string(taken->last);
        shell.leaveTokenOut();
        const auto done = shell.send("POST", "/v1/invitations/accept", body);
        if (!done)
            return done.error();
        return shell.say(*done, "Accepted: sign in with voelgoedctl login " + taken->who);
    });

    auto *role = user->add_subcommand("role", "Give a member another role");
    auto moved = std::make_shared<Given>();
    role->add_option("MEMBER", moved->who, "The member's id")->required();
    role->add_option("ROLE", moved->role)->required()->check(CLI::IsMember(kRoles));
    shell.choose(role, [&shell, moved]() -> Result<Exit> {
        const auto where = path(shell, "/members/" + escaped(moved->who));
        if (!where)
            return where.error();
        const auto done = shell.send("PATCH", *where, {{"role", moved->role}});
        if (!done)
            return done.error();
        return shell.show(*done, {{"E-mail", "email"}, {"Role", "role"}});
    });

    auto *remove = user->add_subcommand("remove", "Take somebody out of the organization");
    auto gone = std::make_shared<Given>();
    remove->add_option("MEMBER", gone->who, "The member's id")->required();
    shell.choose(remove, [&shell, gone]() -> Result<Exit> {
        const auto where = path(shell, "/members/" + escaped(gone->who));
        if (!where)
            return where.error();
        const auto done = shell.send("DELETE", *where, nullptr);
        if (!done)
            return done.error();
        return shell.say(*done, "Removed.");
    });
    addUserOfPlatform(*user, shell);
}

} // namespace voelgoed::cli

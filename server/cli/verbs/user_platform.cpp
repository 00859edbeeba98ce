#include "server/cli/verbs/verbs.h"

namespace voelgoed::cli {

using base::Result;

namespace {

const std::vector<Column> kUser{
    {"E-mail", "email"},  {"First name", "first_name"},  {"Last name", "last_name"},
    {"Status", "status"}, {"Support", "platform_staff"}, {"Administrator", "platform_admin"},
    {"Id", "id"}};

struct Given
{
    std::string who, why, token, passwordFile;
    bool isBack = false;
};

std::string idIn(const base::Json &user)
{
    return std::string(user.at("id").as_string());
}

/// Of an address or an id, the id.
Result<std::string> userId(Shell &shell, const std::string &named)
{
    if (isUuid(named))
        return named;
    const auto found = shell.get("/v1/users", {{"email", named}});
    if (!found)
        return found.error();
    return idIn(*found);
}

Result<Exit> change(Shell &shell, const Given &given, const std::string &what, boost::json::object body)
{
    const auto id = userId(shell, given.who);
    if (!id)
        return id.error();
    body["reason"] = given.why;
    const auto done = shell.post("/v1/users/" + *id + "/" + what, body);
    if (!done)
        return done.error();
    return shell.show(*done, kUser);
}

std::shared_ptr<Given> withWho(CLI::App *verb)
{
    auto given = std::make_shared<Given>();
    verb->add_option("USER", given->who, "Address or id")->required();
    verb->add_option("--why", given->why, "The reason, for the audit trail")->required();
    return given;
}

Result<Exit> token(Shell &shell, const Result<base::Json> &made)
{
    if (!made)
        return made.error();
    if (!shell.isJson())
        shell.note("Shown this once, good until " + plainText(made->at("expires_at")) +
                   ". The person uses it with: voelgoedctl user password EMAIL --token TOKEN");
    return shell.say(*made, plainText(made->at("token")));
}

void addPasswords(CLI::App &user, Shell &shell)
{
    auto *member = user.add_subcommand("reset", "A token with which a member chooses a new password");
    auto of = std::make_shared<Given>();
    member->add_option("MEMBER", of->who, "The member's id; with --why, any user's address or id")->required();
    member->add_option("--why", of->why, "As a platform administrator: anybody, and why");
    shell.choose(member, [&shell, of]() -> Result<Exit> {
        if (!of->why.empty()) {
            const auto id = userId(shell, of->who);
            if (!id)
                return id.error();
            return token(shell, shell.post("/v1/users/" + *id + "/password-reset", {{"reason", of->why}}));
        }
        const auto organization = shell.organization();
        if (!organization)
            return organization.error();
        return token(shell,
                     shell.post("/v1/orgs/" + *organization + "/members/" + escaped(of->who) + "/password-reset"));
    });

    auto *password = user.add_subcommand("password", "Choose a new password with a token; ends all logins");
    auto in = std::make_shared<Given>();
    password->add_option("EMAIL", in->who, "Your address")->required();
    password->add_option("--token", in->token)->required();
    password->add_option("--password-file", in->passwordFile, "Read the new password from a file, or from - ");
    shell.choose(password, [&shell, in]() -> Result<Exit> {
        const auto fresh = secretFrom(in->passwordFile, "New password of " + in->who);
        if (!fresh)
            return fresh.error();
        shell.leaveTokenOut();
        const auto done = shell.send("POST", "/v1/password/reset",
                                     {{"email", in->who}, {"token", in->token}, {"new_password", *fresh}});
        if (!done)
            return done.error();
        return shell.say(*done, "Changed: sign in with voelgoedctl login " + in->who);
    });
}

} // namespace

void addUserOfPlatform(CLI::App &user, Shell &shell)
{
    auto *find = user.add_subcommand("find", "Who has an address, anywhere (platform administrators)");
    auto wanted = std::make_shared<Given>();
    find->add_option("EMAIL", wanted->who)->required();
    shell.choose(find, [&shell, wanted]() -> Result<Exit> {
        const auto found = shell.get("/v1/users", {{"email", wanted->who}});
        if (!found)
            return found.error();
        const Exit exit = shell.show(*found, kUser);
        if (shell.isJson() || found->at("organizations").as_array().empty())
            return exit;
        return shell.show({{"data", found->at("organizations")}},
                          {{"SHORT NAME", "slug"}, {"NAME", "name"}, {"ROLE", "role"}});
    });

    for (const auto &[verb, status, help] :
         {std::tuple("disable", "disabled", "Shut somebody out everywhere, at once (platform administrators)"),
          std::tuple("enable", "active", "Let somebody in again (platform administrators)")}) {
        auto *move = user.add_subcommand(verb, help);
        const auto given = withWho(move);
        shell.choose(move, [&shell, given, status = status] {
            return change(shell, *given, "status", {{"status", status}});
        });
    }

    for (const auto &[verb, help] :
         {std::pair("staff", "Make somebody the platform's support, or not (platform administrators)"),
          std::pair("admin", "Make somebody a platform administrator, or not (platform administrators)")}) {
        auto *flag = user.add_subcommand(verb, help);
        const auto given = withWho(flag);
        flag->add_flag("--take-back", given->isBack, "Not any more");
        shell.choose(flag, [&shell, given, verb = verb] {
            return change(shell, *given, "platform", {{verb, !given->isBack}});
        });
    }
    addPasswords(user, shell);
}

} // namespace voelgoed::cli

#include "server/cli/verbs/verbs.h"

namespace voelgoed::cli {

using base::Result;

namespace {

struct Login
{
    std::string email, organization, passwordFile, reason;
};

Result<Exit> signIn(Shell &shell, const Login &login)
{
    auto password = secretFrom(login.passwordFile, "Password of " + login.email);
    if (!password)
        return password.error();
    base::Json body{{"email", login.email}, {"password", *password}};
    if (!login.organization.empty())
        body.as_object()["organization"] = boost::json::string(login.organization);
    if (!login.reason.empty())
        body.as_object()["reason"] = boost::json::string(login.reason);
    shell.leaveTokenOut();
    const auto answer = shell.send("POST", "/v1/sessions", body);
    if (!answer)
        return answer.error();
    if (const auto kept = shell.keepToken(std::string(answer->at("token").as_string())); !kept)
        return kept.error();
    base::Json shown = *answer;
    shown.as_object().erase("token");
    if (shell.isJson())
        return shell.say(shown, {});
    shell.note("Signed in until " + plainText(shown.at("expires_at")) + "; the token lies in " + shell.tokenFile());
    if (shown.at("organization").is_null() && !shown.at("organizations").as_array().empty()) {
        shell.note("Sign in to one of these with --to:");
        return shell.show({{"data", shown.at("organizations")}},
                          {{"SHORT NAME", "slug"}, {"NAME", "name"}, {"ROLE", "role"}});
    }
    return Exit::Done;
}

} // namespace

void addLogin(CLI::App &program, Shell &shell)
{
    auto *login = program.add_subcommand("login", "Sign in, and keep the token");
    auto in = std::make_shared<Login>();
    login->add_option("EMAIL", in->email, "Your address")->required();
    login->add_option("--to", in->organization, "The organization's short name, if you are in several");
    login->add_option("--password-file", in->passwordFile, "Read the password from a file, or from - ");
    login->add_option("--why", in->reason, "As a platform administrator: why you enter this organization");
    shell.choose(login, [&shell, in] { return signIn(shell, *in); });

    auto *logout = program.add_subcommand("logout", "End this login, and forget its token");
    shell.choose(logout, [&shell]() -> Result<Exit> {
        const auto ended = shell.send("DELETE", "/v1/sessions/current", nullptr);
        // One that the server was not told of goes on: then its token is still needed to end it.
        if (!ended && ended.error().code != base::ErrorCode::Unauthorized)
            return ended.error();
        if (const auto kept = shell.keepToken({}); !kept)
            return kept.error();
        return ended ? Result<Exit>(Exit::Done) : ended.error();
    });

    auto *me = program.add_subcommand("whoami", "Who is signed in, and what that person may do");
    shell.choose(me, [&shell]() -> Result<Exit> {
        const auto answer = shell.get("/v1/me");
        if (!answer)
            return answer.error();
        return shell.show(*answer, {{"Name", "name"},
                                    {"Kind", "kind"},
                                    {"Organization", "organization"},
                                    {"Role", "role"},
                                    {"May", "capabilities"}});
    });
}

} // namespace voelgoed::cli

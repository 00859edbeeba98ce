#include "server/cli/verbs/verbs.h"

namespace voelgoed::cli {

using base::Result;

namespace {

const std::vector<Column> kRows{{"NAME", "name"},
                                {"PREFIX", "prefix"},
                                {"MODE", "mode"},
                                {"SCOPES", "scopes"},
                                {"EXPIRES", "expires_at"},
                                {"REVOKED", "revoked_at"},
                                {"LAST USED", "last_used_on"},
                                {"ID", "id"}};
const std::vector<Column> kMade{{"Secret", "secret"}, {"Name", "name"}, {"Scopes", "scopes"}, {"Id", "id"}};

struct Given
{
    std::string key, name, expires, reason;
    std::vector<std::string> scopes;
    int overlap = 1440;
    bool isTest = false;
};

Result<Exit> shown(Shell &shell, const Result<base::Json> &made)
{
    if (!made)
        return made.error();
    const Exit exit = shell.show(*made, kMade);
    if (!shell.isJson() && made->as_object().if_contains("secret") && made->at("secret").is_string())
        shell.note("The secret is shown this once.");
    return exit;
}

} // namespace

void addKey(CLI::App &program, Shell &shell)
{
    auto *key = program.add_subcommand("key", "API keys, for other programs");
    key->require_subcommand(1);

    auto *create = key->add_subcommand("create", "Make a key; its secret is shown once");
    auto in = std::make_shared<Given>();
    create->add_option("NAME", in->name, "What it is for")->required();
    create->add_option("--scope", in->scopes, "What it may do: read_events, scan, …")->required();
    create->add_option("--expires", in->expires, "Until when (RFC 3339)");
    create->add_flag("--test", in->isTest, "For trying out: it changes nothing, and its scans are tests");
    shell.choose(create, [&shell, in] {
        boost::json::object body{{"name", in->name},
                                 {"scopes", boost::json::array(in->scopes.begin(), in->scopes.end())}};
        if (!in->expires.empty())
            body["expires_at"] = in->expires;
        if (in->isTest)
            body["mode"] = "test";
        return shown(shell, shell.post("/v1/api-keys", body));
    });

    auto *list = key->add_subcommand("list", "All keys, also dead ones");
    shell.choose(list, [&shell]() -> Result<Exit> {
        const auto found = shell.all("/v1/api-keys");
        if (!found)
            return found.error();
        return shell.show(*found, kRows);
    });

    auto *roll = key->add_subcommand("roll", "Replace a key; both work for a while");
    auto rolled = std::make_shared<Given>();
    roll->add_option("KEY", rolled->key, "Its id")->required();
    roll->add_option("--overlap", rolled->overlap, "Minutes")->capture_default_str();
    shell.choose(roll, [&shell, rolled] {
        return shown(shell, shell.post("/v1/api-keys/" + escaped(rolled->key) + "/roll",
                                       {{"overlap_minutes", rolled->overlap}}));
    });

    auto *revoke = key->add_subcommand("revoke", "Take a key out of use, at once");
    auto revoked = std::make_shared<Given>();
    revoke->add_option("KEY", revoked->key, "Its id")->required();
    revoke->add_option("--reason", revoked->reason)->required();
    shell.choose(revoke, [&shell, revoked] {
        return shown(shell,
                     shell.post("/v1/api-keys/" + escaped(revoked->key) + "/revoke", {{"reason", revoked->reason}}));
    });
}

} // namespace voelgoed::cli

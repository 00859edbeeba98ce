#include "server/cli/verbs/verbs.h"

#include <fstream>
#include <iostream>

namespace voelgoed::cli {

using base::Result;

namespace {

constexpr int kPagesMax = 100'000;

/// Page after page, to the end or into a file.
Result<Exit> exportTrail(Shell &shell, std::vector<std::pair<std::string, std::string>> query, const std::string &file)
{
    std::erase_if(query, [](const auto &each) { return each.second.empty(); });
    std::ofstream out;
    if (!file.empty())
        out.open(file, std::ios::binary | std::ios::trunc);
    std::ostream &to = file.empty() ? std::cout : out;
    std::string next;
    for (int page = 0; page < kPagesMax; ++page) {
        auto asked = query;
        if (!next.empty())
            asked.emplace_back("after", next);
        const auto answer = shell.client().ask({.path = "/v1/audit/export", .query = std::move(asked)});
        if (!answer)
            return answer.error();
        to << answer->body << std::flush;
        if (!to)
            return base::Error{
                base::ErrorCode::Unavailable, (file.empty() ? "standard output" : file) + ": cannot be written", {}};
        next = answer->field("voelgoed-next");
        if (next.empty())
            return Exit::Done;
    }
    return base::Error{
        base::ErrorCode::Unavailable, "the trail does not end: ask for less with --from and --until", {}};
}

void nameTheForgotten(base::Json &answer)
{
    for (base::Json &entry : answer.at("data").as_array()) {
        if (entry.at("actor_name").is_null())
            entry.at("actor_name") = "(forgotten)";
    }
}

void addForget(CLI::App &audit, Shell &shell)
{
    struct Given
    {
        std::string user, email, reason;
    };
    auto *forget = audit.add_subcommand("forget", "Makes a person's names in the trail unreadable, for ever");
    auto in = std::make_shared<Given>();
    auto *user = forget->add_option("--user", in->user, "Whose: the id that the trail shows");
    auto *email = forget->add_option("--email", in->email, "The address that was invited");
    forget->add_option("--reason", in->reason)->required();
    shell.choose(forget, [&shell, in, user, email]() -> Result<Exit> {
        boost::json::object body{{"reason", in->reason}};
        if (user->count() > 0)
            body["user"] = in->user;
        if (email->count() > 0)
            body["email"] = in->email;
        const auto done = shell.post("/v1/audit/forget", body);
        if (!done)
            return done.error();
        return shell.show(*done, {{"Keys destroyed", "keys"}});
    });
}

} // namespace

void addAudit(CLI::App &program, Shell &shell)
{
    auto *audit = program.add_subcommand("audit", "Who did what, and whether that was changed since");
    audit->require_subcommand(1);

    struct Given
    {
        std::string action, subject, actor, from, until, before, out;
    };
    auto *list = audit->add_subcommand("list", "Latest first");
    auto in = std::make_shared<Given>();
    list->add_option("--action", in->action, "Only this action: events.publish");
    list->add_option("--subject", in->subject, "Only about this id");
    list->add_option("--actor", in->actor, "Only by this id");
    list->add_option("--from", in->from, "From when on (RFC 3339)");
    list->add_option("--until", in->until);
    list->add_option("--after,--before", in->before, "`next` of the page before");
    shell.choose(list, [&shell, in]() -> Result<Exit> {
        std::vector<std::pair<std::string, std::string>> query{{"action", in->action}, {"subject", in->subject},
                                                               {"actor", in->actor},   {"from", in->from},
                                                               {"until", in->until},   {"before", in->before}};
        std::erase_if(query, [](const auto &each) { return each.second.empty(); });
        auto found = shell.get("/v1/audit", std::move(query));
        if (!found)
            return found.error();
        if (!shell.isJson())
            nameTheForgotten(*found);
        return shell.show(*found, {{"AT", "at"},
                                   {"WHO", "actor_name"},
                                   {"ROLE", "actor_role"},
                                   {"ORIGIN", "origin"},
                                   {"CONSENT", "tenant_approval_reference"},
                                   {"ACTION", "action"},
                                   {"SUBJECT", "subject"},
                                   {"REASON", "reason"}});
    });

    auto *exports = audit->add_subcommand("export", "All of it, an entry a line of JSON, oldest first");
    auto what = std::make_shared<Given>();
    exports->add_option("--from", what->from, "From when on (RFC 3339)");
    exports->add_option("--until", what->until);
    exports->add_option("--out", what->out, "A file; else standard output");
    shell.choose(exports, [&shell, what] {
        return exportTrail(shell, {{"from", what->from}, {"until", what->until}, {"limit", "5000"}}, what->out);
    });

    addForget(*audit, shell);

    auto *verify = audit->add_subcommand("verify", "Whether the sealed trail is whole; exit code 8 when it is not");
    shell.choose(verify, [&shell]() -> Result<Exit> {
        const auto found = shell.get("/v1/audit/verify");
        if (!found)
            return found.error();
        shell.show(*found, {{"Holds", "holds"},
                            {"Seals", "seals"},
                            {"Entries", "entries"},
                            {"Not sealed yet", "unsealed"},
                            {"Problem", "problem"}});
        return found->at("holds").as_bool() ? Exit::Done : Exit::ChecksFailed;
    });
}

} // namespace voelgoed::cli

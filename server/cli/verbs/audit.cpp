#include "server/cli/verbs/verbs.h"

namespace voelgoed::cli {

using base::Result;

void addAudit(CLI::App &program, Shell &shell)
{
    auto *audit = program.add_subcommand("audit", "Who did what, and whether that was changed since");
    audit->require_subcommand(1);

    struct Given
    {
        std::string action, subject, actor, from, until, before;
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
        const auto found = shell.get("/v1/audit", std::move(query));
        if (!found)
            return found.error();
        return shell.show(*found, {{"AT", "at"},
                                   {"WHO", "actor_name"},
                                   {"ROLE", "actor_role"},
                                   {"ORIGIN", "origin"},
                                   {"ACTION", "action"},
                                   {"SUBJECT", "subject"},
                                   {"REASON", "reason"}});
    });

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

#include "server/cli/verbs/verbs.h"

namespace voelgoed::cli {

using base::Result;

void addJob(CLI::App &program, Shell &shell)
{
    auto *job = program.add_subcommand("job", "What the server does by and by");
    job->require_subcommand(1);
    struct Given
    {
        std::string job, state, queue, kind, after;
    };
    auto *list = job->add_subcommand("list", "Latest first");
    auto in = std::make_shared<Given>();
    list->add_option("--state", in->state);
    list->add_option("--queue", in->queue);
    list->add_option("--kind", in->kind);
    list->add_option("--after", in->after, "`next` of the page before");
    shell.choose(list, [&shell, in]() -> Result<Exit> {
        std::vector<std::pair<std::string, std::string>> query{
            {"state", in->state}, {"queue", in->queue}, {"kind", in->kind}, {"after", in->after}};
        std::erase_if(query, [](const auto &each) { return each.second.empty(); });
        const auto found = shell.get("/v1/jobs", std::move(query));
        if (!found)
            return found.error();
        return shell.show(*found, {{"QUEUE", "queue"},
                                   {"KIND", "kind"},
                                   {"STATE", "state"},
                                   {"TRY", "attempt"},
                                   {"OF", "max_attempts"},
                                   {"DONE", "progress"},
                                   {"RUNS AT", "run_at"},
                                   {"ID", "id"}});
    });
    for (const auto &[verb, help] :
         {std::pair("retry", "Run a job now, or again"), std::pair("cancel", "Call a job off, or ask it to stop")}) {
        auto *change = job->add_subcommand(verb, help);
        auto of = std::make_shared<Given>();
        change->add_option("JOB", of->job, "Its id")->required();
        shell.choose(change, [&shell, of, verb = std::string(verb)]() -> Result<Exit> {
            const auto done = shell.post("/v1/jobs/" + escaped(of->job) + "/" + verb);
            if (!done)
                return done.error();
            return shell.show(*done, {{"Kind", "kind"}, {"State", "state"}, {"Id", "id"}});
        });
    }
}

} // namespace voelgoed::cli

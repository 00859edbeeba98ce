#include "server/cli/verbs/verbs.h"

#include <iostream>

namespace voelgoed::cli {

using base::Result;

namespace {

constexpr const char *kBash = R"(_voelgoedctl()
{
    local words
    words=$(voelgoedctl complete -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
    COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _voelgoedctl voelgoedctl
)";
constexpr const char *kZsh = "autoload -U +X bashcompinit && bashcompinit\n";

/// What may come after these words: verbs, and options.
void offer(const CLI::App &program, const std::vector<std::string> &words)
{
    const CLI::App *at = &program;
    for (const std::string &word : words) {
        for (const CLI::App *verb : at->get_subcommands([](const CLI::App *) { return true; })) {
            if (verb->get_name() == word) {
                at = verb;
                break;
            }
        }
    }
    for (const CLI::App *verb : at->get_subcommands([](const CLI::App *) { return true; })) {
        if (!verb->get_group().empty())
            std::cout << verb->get_name() << "\n";
    }
    for (const CLI::App *each : {at, &program}) {
        for (const CLI::Option *option : each->get_options()) {
            for (const std::string &name : option->get_lnames())
                std::cout << "--" << name << "\n";
        }
        if (at == &program)
            break;
    }
}

} // namespace

void addCompletion(CLI::App &program, Shell &shell)
{
    auto *completion = program.add_subcommand("completion", "A script that lets a shell complete these verbs");
    auto kind = std::make_shared<std::string>("bash");
    completion->add_option("SHELL", *kind)->check(CLI::IsMember({"bash", "zsh"}))->capture_default_str();
    shell.choose(completion, [kind]() -> Result<Exit> {
        std::cout << (*kind == "zsh" ? kZsh : "") << kBash;
        return Exit::Done;
    });

    auto *complete = program.add_subcommand("complete", "What may come next");
    complete->group("");
    auto words = std::make_shared<std::vector<std::string>>();
    complete->add_option("WORDS", *words);
    shell.choose(complete, [&program, words]() -> Result<Exit> {
        offer(program, *words);
        return Exit::Done;
    });
}

} // namespace voelgoed::cli

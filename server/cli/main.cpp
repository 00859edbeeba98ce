#include "server/cli/verbs/verbs.h"

#include <cstdio>
#include <iostream>

using namespace voelgoed;

int main(int argc, char **argv)
{
    CLI::App program("Runs a Voelgoed server from the command line: what an organizer's console does, and more.");
    program.set_version_flag("--version", VOELGOED_VERSION);
    program.require_subcommand(1);
    program.fallthrough();
    program.footer("Exit codes: 0 done, 1 fault, 2 command line, 3 refused, 4 not found, 5 not allowed, 6 conflict,\n"
                   "7 server not reached, 8 a check failed.");
    cli::Shell shell(program);
    for (const auto add : {&cli::addLogin, &cli::addOrganization, &cli::addUser, &cli::addEvent, &cli::addTicket,
                           &cli::addDevice, &cli::addKey, &cli::addScans, &cli::addAudit, &cli::addJob, &cli::addDoctor,
                           &cli::addCall, &cli::addCompletion})
        add(program, shell);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return program.exit(error) == 0 ? 0 : static_cast<int>(cli::Exit::Usage);
    }
    auto done = [&]() -> base::Result<cli::Exit> {
        if (const auto opened = shell.open(); !opened)
            return opened.error();
        return shell.chosen()();
    }();
    std::cout.flush();
    if (!std::cout) {
        std::cerr << "error: the output cannot be written\n";
        return static_cast<int>(cli::Exit::Fault);
    }
    if (done)
        return static_cast<int>(*done);
    std::cerr << "error: " << done.error().message << "\n";
    if (!done.error().hint.empty())
        std::cerr << done.error().hint << "\n";
    return static_cast<int>(cli::exitFor(done.error()));
}

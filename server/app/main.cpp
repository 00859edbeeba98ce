#include "server/app/run.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <iostream>

using namespace voelgoed;

namespace {

/// "ADDR:PORT", "[::1]:8443", or a port alone.
bool readListen(const std::string &text, app::Options &options)
{
    const auto colon = text.rfind(':');
    std::string port = colon == std::string::npos ? text : text.substr(colon + 1);
    if (colon != std::string::npos)
        options.address = text.substr(0, colon);
    if (options.address.size() > 2 && options.address.front() == '[' && options.address.back() == ']')
        options.address = options.address.substr(1, options.address.size() - 2);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos)
        return false;
    const int number = std::stoi(port);
    options.port = static_cast<std::uint16_t>(number);
    return number <= 65535;
}

} // namespace

int main(int argc, char **argv)
{
    CLI::App program("The sync server of Voelgoed Gate, with the platform behind it.");
    program.set_version_flag("--version", VOELGOED_VERSION);
    program.require_subcommand(1);
    app::Options options;
    std::string listen = "127.0.0.1:8080";
    CLI::App *run = program.add_subcommand("run", "Serves until it is told to stop (SIGINT, SIGTERM)");
    run->add_option("--data", options.data, "The server's folder: keys, and its own Postgres and Redis")->required();
    run->add_option("--listen", listen, "Where to listen; port 0 takes any free one")->capture_default_str();
    run->add_option("--public-url", options.publicUrl, "How devices reach this server, where that is another address");
    run->add_option("--pg", options.postgres, "Another PostgreSQL, as role vg_app (libpq URL)");
    run->add_option("--pg-owner", options.postgresOwner,
                    "The same as role vg_owner, which migrates; without it nothing is migrated");
    run->add_option("--redis", options.redis, "Another Redis, or a node of a cluster: redis://host:port or unix:/path");
    auto *certificate = run->add_option("--tls-cert", options.certificate, "A certificate of your own (PEM)");
    auto *key = run->add_option("--tls-key", options.key, "Its key (PEM)");
    certificate->needs(key);
    key->needs(certificate);
    run->add_option("--workers", options.workers, "Threads for passwords, drawings and packing")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    run->add_option("--processes", options.processes, "How many servers share this Redis: for limits while it is away")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    std::string form = "auto";
    run->add_flag_callback(
        "--new-keys", [&options] { options.keys = voelgoed::app::Options::Keys::New; },
        "The keys that the database knows are lost: go on with those of the folder. Devices have to be paired again");
    run->add_option("--log-format", form, "json, text, or auto: text on a terminal")
        ->check(CLI::IsMember({"auto", "json", "text"}))
        ->capture_default_str();
    run->add_option("--log-file", options.log.file, "Where lines go in place of standard error; rotates at 64 MB");
    run->add_flag("--verbose", options.log.isVerbose, "A line for each call, too");
    CLI11_PARSE(program, argc, argv);
    using Form = app::LogOptions::Form;
    options.log.form = form == "json" ? Form::Json : form == "text" ? Form::Readable : Form::Guess;
    if (!readListen(listen, options)) {
        std::cerr << "error: --listen " << listen << ": this is not ADDRESS:PORT\n";
        return 2;
    }
    const auto result = app::run(options, [](const std::string &url) { std::cout << "ready " << url << std::endl; });
    if (!result) {
        std::cerr << "error: " << result.error().message << "\n";
        if (!result.error().hint.empty())
            std::cerr << result.error().hint << "\n";
        return 1;
    }
    return 0;
}

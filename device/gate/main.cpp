// voelgoed-gate: the headless gate and the device's diagnostics. Wires the machine's parts to the verbs, and nothing
// else.
#include "device/gate/ask.h"
#include "device/gate/decode.h"
#include "device/gate/judge.h"
#include "device/gate/key_text.h"
#include "device/gate/pair.h"
#include "device/gate/practice.h"
#include "device/gate/repair.h"
#include "device/gate/run.h"
#include "device/gate/standard_streams.h"
#include "device/hal/folder/folder_source.h"
#include "device/hal/os/system_clock.h"
#include "device/hal/reader/reader_process.h"
#include "device/hal/serial/serial_source.h"
#include "device/hal/stream/stream_source.h"
#include "shared/base/crypto/system_random.h"

#include <CLI/CLI.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <set>

using namespace voelgoed;

namespace {

constexpr int kStdin = 0;

/// What the words of the command line say, for all verbs together.
struct Words
{
    std::string data;
    bool json = false;
    std::vector<std::string> files;
    // practice
    gate::PracticeOptions practice;
    std::optional<std::uint64_t> seed;
    std::string at;
    // load
    std::string bundle;
    std::string trust;
    bool yes = false;
    // run
    std::string gateId, checkpoint, direction = "entry", operatedBy, rescue;
    std::vector<std::string> serial, watch;
    bool noStdin = false, test = false, aim = false, offline = false;
    unsigned drainSeconds = 10;
    // pair
    std::string qr, server, oneTimeCode, pin, name;
    // why
    std::string code;
};

int failed(const base::Error &error)
{
    std::cerr << gate::errorLines(error);
    return 2;
}

int practiceVerb(Words words, const gate::Machine &machine)
{
    words.practice.opens = std::chrono::floor<std::chrono::hours>(machine.clock.now().wall);
    if (!words.at.empty()) {
        const auto at = base::parseInstant(words.at);
        if (!at)
            return failed(at.error());
        if (*at < base::kEarliest)
            return failed(base::invalid("--at: nothing opens before 1970"));
        words.practice.opens = *at;
    }
    // A gate trusts no clock that is behind its list. The same `--at`, once it has passed, makes the same files.
    words.practice.madeAt = std::min(words.practice.opens, machine.clock.now().wall);
    base::SeededRandom seeded(words.seed.value_or(0));
    base::Random &random = words.seed ? static_cast<base::Random &>(seeded) : machine.random;
    const auto made = gate::practice(words.practice, random, std::cerr);
    return made ? 0 : failed(made.error());
}

int loadVerb(const Words &words, const gate::Machine &machine)
{
    gate::LoadRequest request{.bundle = std::filesystem::absolute(words.bundle).string(), .trust = {}};
    if (!words.trust.empty()) {
        auto key = gate::readTrustKey(words.trust);
        if (!key)
            return failed(key.error());
        request.trust = std::move(*key);
    }
    if (words.yes)
        request.consent = gate::LoadRequest::Consent::Given;
    return gate::ask(words.data, request, machine, {std::cout, std::cerr});
}

base::Result<gate::Inputs> inputsOf(const Words &words, const gate::DataFolder &folder)
{
    gate::Inputs inputs;
    if (!words.noStdin)
        inputs.lines = std::make_unique<hal::StreamSource>(kStdin, "standard input");
    for (const std::string &text : words.serial) {
        const auto options = hal::parseSerialOptions(text);
        if (!options)
            return options.error();
        auto source = hal::SerialSource::open(*options);
        if (!source)
            return source.error();
        inputs.readers.push_back(std::move(*source));
    }
    std::set<std::string> memories;
    for (const std::string &path : words.watch) {
        const std::string memory = folder.watchMemory(path);
        if (!memories.insert(memory).second)
            continue; // the same folder once more
        auto source = hal::FolderSource::open(path, {.own = memory, .inherited = folder.oldWatchMemory()});
        if (!source)
            return source.error();
        inputs.pictures.push_back(std::move(*source));
    }
    if (!inputs.pictures.empty()) {
        auto reader = hal::ReaderProcess::start();
        if (!reader)
            return reader.error();
        inputs.barcodes = std::move(*reader);
    }
    return inputs;
}

int runVerb(const Words &words, const gate::Machine &machine)
{
    gate::RunOptions options{.folder = words.data,
                             .gate = {words.gateId},
                             .checkpoint = {words.checkpoint},
                             .direction =
                                 words.direction == "exit" ? domain::Direction::Exit : domain::Direction::Entry,
                             .operatedBy = {words.operatedBy},
                             .style = words.json ? gate::Style::Json : gate::Style::Text,
                             .drain = std::chrono::seconds(words.drainSeconds),
                             .exchange = {.version = VOELGOED_VERSION},
                             .open = {.rescue = words.rescue}};
    if (words.offline)
        options.network = gate::RunOptions::Network::Never;
    if (words.test)
        options.purpose = gate::RunOptions::Purpose::Test;
    if (words.aim)
        options.open.aim = ticket::AimMarker::Sent;
    const auto inputs = [&](const gate::DataFolder &folder) { return inputsOf(words, folder); };
    return gate::run(options, inputs, machine, {std::cout, std::cerr});
}

int pairVerb(const Words &words, const gate::Machine &machine)
{
    gate::PairOptions options{.folder = words.data, .code = {}, .name = words.name, .version = VOELGOED_VERSION};
    options.style = words.json ? gate::Style::Json : gate::Style::Text;
    if (!words.qr.empty()) {
        auto code = protocol::parsePairingCode(words.qr);
        if (!code)
            return failed(code.error());
        options.code = std::move(*code);
        return gate::pair(options, machine, {std::cout, std::cerr});
    }
    if (words.server.empty() || words.oneTimeCode.empty() || words.pin.empty())
        return failed(base::invalid("neither a QR code's text nor server, code and key",
                                    "Say --qr TEXT, or --server URL --code CODE --pin KEY."));
    if (auto address = protocol::checkServerAddress(words.server); !address)
        return failed(address.error());
    const auto code = gate::readOneTimeCode(words.oneTimeCode);
    if (!code)
        return failed(code.error());
    const auto pin = gate::readTrustKey(words.pin);
    if (!pin)
        return failed(pin.error());
    options.code = {.server = words.server, .code = *code};
    std::copy(pin->begin(), pin->end(), options.code.pin.begin());
    return gate::pair(options, machine, {std::cout, std::cerr});
}

int whyVerb(const Words &words, const gate::Machine &machine)
{
    const base::ByteView code = base::bytesOf(words.code);
    const gate::WhyRequest request{.code = {code.begin(), code.end()},
                                   .checkpoint = {words.checkpoint},
                                   .gate = {words.gateId},
                                   .style = words.json ? gate::Style::Json : gate::Style::Text};
    return gate::ask(words.data, request, machine, {std::cout, std::cerr});
}

int repairVerb(const Words &words, const gate::Machine &machine)
{
    gate::RepairOptions options{.folder = words.data, .rescue = words.rescue};
    if (words.json)
        options.style = gate::Style::Json;
    if (words.yes)
        options.consent = gate::RepairOptions::Consent::Given;
    return gate::repair(options, machine, {std::cout, std::cerr});
}

int decodeVerb(const Words &words)
{
    auto reader = hal::ReaderProcess::start();
    if (!reader)
        return failed(reader.error());
    return gate::decode(**reader, words.files, std::cout, std::cerr);
}

void addData(CLI::App &verb, Words &words)
{
    verb.add_option("--data", words.data, "the device's folder")->required();
}

void describe(CLI::App &app, Words &words)
{
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "help for all verbs");

    CLI::App *judge = app.add_subcommand("judge", "run scenario files: who would pass, and why not");
    judge->add_option("files", words.files, "scenario files")->required();

    CLI::App *decode = app.add_subcommand("decode", "read the barcodes of pictures (PNG, JPEG, WebP, PDF)");
    decode->add_option("files", words.files, "pictures")->required();

    CLI::App *practice = app.add_subcommand("practice", "make an event to practise on");
    practice->add_option("--out", words.practice.folder, "folder for its files")->required();
    practice->add_option("--tickets", words.practice.tickets, "signed tickets")->capture_default_str();
    practice->add_option("--foreign", words.practice.foreign, "tickets of another system")->capture_default_str();
    practice->add_option("--draw", words.practice.draw, "draw at most so many")->capture_default_str();
    practice->add_option("--codes", words.practice.codes, "list the codes of at most so many")->capture_default_str();
    practice->add_option("--seed", words.seed, "the same number gives the same event");
    practice->add_option("--at", words.at, "when doors open (default: this hour)");

    CLI::App *load = app.add_subcommand("load", "verify a signed event bundle and load it");
    addData(*load, words);
    load->add_option("bundle", words.bundle, "the bundle's file")->required();
    load->add_option("--trust", words.trust, "the signer's public key, or a file that holds it");
    load->add_flag("--yes", words.yes, "trust the signer of the first bundle");

    CLI::App *run = app.add_subcommand("run", "admit people: codes from standard input, scanners and pictures");
    addData(*run, words);
    run->add_option("--gate", words.gateId, "the gate that this device stands at");
    run->add_option("--checkpoint", words.checkpoint, "what is counted here (default: the gate's first)");
    run->add_option("--direction", words.direction, "entry or exit")
        ->check(CLI::IsMember({"entry", "exit"}))
        ->capture_default_str();
    run->add_option("--operator", words.operatedBy, "who is on shift");
    run->add_option("--serial", words.serial, "a scanner on a serial line, DEV or DEV:BAUD");
    run->add_option("--watch", words.watch, "a folder into which pictures are dropped");
    run->add_option("--rescue", words.rescue,
                    "the rescue journal, best on another disk; remembered (default: in the folder)");
    run->add_flag("--no-stdin", words.noStdin, "leave the standard input alone");
    run->add_flag("--aim", words.aim, "scanners put AIM markers before what they read");
    run->add_flag("--test", words.test, "judge and record as test scans, which count nowhere");
    run->add_flag("--json", words.json, "a line of JSON for each scan");
    run->add_flag("--offline", words.offline, "leave the server alone, though the device is paired");
    run->add_option("--drain", words.drainSeconds, "seconds at the end for what still has to go to the server")
        ->check(CLI::Range(0U, 3600U))
        ->capture_default_str();

    CLI::App *pair = app.add_subcommand("pair", "make this device known to a server");
    addData(*pair, words);
    pair->add_option("--qr", words.qr, "the text of the server's QR code");
    pair->add_option("--server", words.server, "or its address, https://HOST[:PORT]");
    pair->add_option("--code", words.oneTimeCode, "and the one-time code");
    pair->add_option("--pin", words.pin, "and the server's public key, or a file that holds it");
    pair->add_option("--name", words.name, "what people call this device (default: the machine's name)");
    pair->add_flag("--json", words.json, "as lines of JSON");

    CLI::App *status = app.add_subcommand("status", "what this device holds");
    addData(*status, words);
    status->add_flag("--json", words.json, "as JSON");

    CLI::App *dump = app.add_subcommand("export", "the journal, a line of JSON for each row");
    addData(*dump, words);

    CLI::App *why = app.add_subcommand("why", "what a code is, its whole story, and what a scan now would say");
    addData(*why, words);
    why->add_option("code", words.code, "the code as it was read")->required();
    why->add_option("--checkpoint", words.checkpoint, "as seen from another checkpoint");
    why->add_option("--gate", words.gateId, "as seen from another gate");
    why->add_flag("--json", words.json, "as JSON");

    CLI::App *repair = app.add_subcommand("repair", "save what can be saved of a damaged folder");
    addData(*repair, words);
    repair->add_option("--rescue", words.rescue, "the rescue journal (default: where it was)");
    repair->add_flag("--json", words.json, "as JSON");
    repair->add_flag("--yes", words.yes, "do it, and not only say what would be done");
}

int dispatch(const CLI::App &app, const Words &words)
{
    // What a device knows is its owner's alone, also in a folder that others may read.
    if (!words.data.empty())
        ::umask(0077);
    hal::SystemClock clock;
    base::SystemRandom random;
    const gate::Machine machine{clock, random};
    const gate::Streams streams{std::cout, std::cerr};
    const std::string verb = app.get_subcommands().front()->get_name();
    if (verb == "judge")
        return gate::judge(words.files, std::cout, std::cerr);
    if (verb == "decode")
        return decodeVerb(words);
    if (verb == "practice")
        return practiceVerb(words, machine);
    if (verb == "load")
        return loadVerb(words, machine);
    if (verb == "run")
        return runVerb(words, machine);
    if (verb == "pair")
        return pairVerb(words, machine);
    if (verb == "why")
        return whyVerb(words, machine);
    if (verb == "repair")
        return repairVerb(words, machine);
    if (verb == "export")
        return gate::ask(words.data, gate::ExportRequest{}, machine, streams);
    return gate::ask(words.data, gate::StatusRequest{words.json ? gate::Style::Json : gate::Style::Text}, machine,
                     streams);
}

} // namespace

int main(int argc, char **argv)
{
    gate::openStandardStreams();
    std::ios::sync_with_stdio(false);
    CLI::App app("The headless gate: reads tickets, decides who may pass, and remembers it.", "voelgoed-gate");
    Words words;
    describe(app, words);
    app.set_version_flag("--version", "voelgoed-gate " VOELGOED_VERSION);
    if (argc == 2 && std::string_view(argv[1]) == "help") {
        std::cout << app.help();
        return 0;
    }
    // The parser would only say that a verb is missing.
    const auto isIt = [&](const CLI::App *verb) { return verb->get_name() == argv[1]; };
    if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(isIt).empty())
        return failed(
            base::invalid("no such verb: " + std::string(argv[1]), "Run with --help for those that there are."));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    const int status = dispatch(app, words);
    std::cout.flush();
    if (!std::cout && status == 0)
        return failed({base::ErrorCode::Unavailable, "the output could not be written whole", "Is its disk full?"});
    return status;
}

#include "server/cli/verbs/verbs.h"

namespace voelgoed::cli {

using base::Result;

namespace {

const std::vector<Column> kRows{
    {"NAME", "name"}, {"STATUS", "status"},         {"DIGITS", "digits"},   {"EVENT", "event"},
    {"GATE", "gate"}, {"CHECKPOINT", "checkpoint"}, {"BATTERY", "battery"}, {"LAST SEEN", "last_seen_at"},
    {"ID", "id"}};
const std::vector<Column> kCard{{"Name", "name"},       {"Status", "status"},          {"Kind", "kind"},
                                {"Model", "model"},     {"Software", "software"},      {"Event", "event"},
                                {"Gate", "gate"},       {"Checkpoint", "checkpoint"},  {"Direction", "direction"},
                                {"Battery", "battery"}, {"Last seen", "last_seen_at"}, {"Id", "id"}};

struct Given
{
    std::string device, name, event, gate, checkpoint, direction, digits, reason, text, order, status;
};

/// Of a name that one device has, or an id, the id.
Result<std::string> deviceNamed(Shell &shell, const std::string &named)
{
    if (isUuid(named))
        return named;
    const auto found = shell.all("/v1/devices");
    if (!found)
        return found.error();
    std::string id;
    for (const auto &each : found->at("data").as_array()) {
        if (each.at("name").as_string() != std::string_view(named) || each.at("status").as_string() == "revoked")
            continue;
        if (!id.empty())
            return base::Error{base::ErrorCode::Conflict, "several devices are called \"" + named + "\"",
                               "Say which by its id.", "ambiguous"};
        id = each.at("id").as_string();
    }
    if (id.empty())
        return base::Error{base::ErrorCode::NotFound, "there is no device \"" + named + "\"", {}, "not_found"};
    return id;
}

Result<void> putPlace(Shell &shell, const Given &in, boost::json::object &body)
{
    if (!in.event.empty()) {
        const auto id = shell.event(in.event);
        if (!id)
            return id.error();
        body["event"] = *id;
    }
    for (const auto &[name, value] :
         {std::pair("gate", in.gate), std::pair("checkpoint", in.checkpoint), std::pair("direction", in.direction)}) {
        if (!value.empty())
            body[name] = value;
    }
    return {};
}

void addPlace(CLI::App &verb, Given &in)
{
    verb.add_option("--gate", in.gate, "The gate's id in the event");
    verb.add_option("--checkpoint", in.checkpoint);
    verb.add_option("--direction", in.direction)->check(CLI::IsMember({"entry", "exit"}));
}

void addReason(CLI::App &verb, Given &in)
{
    verb.add_option("--reason", in.reason, "For the trail");
}

boost::json::object withReason(boost::json::object body, const Given &in)
{
    if (!in.reason.empty())
        body["reason"] = in.reason;
    return body;
}

Result<Exit> tell(Shell &shell, const Given &in, const std::string &rest, const boost::json::object &body)
{
    const auto id = deviceNamed(shell, in.device);
    if (!id)
        return id.error();
    const auto done = shell.post("/v1/devices/" + *id + rest, body);
    if (!done)
        return done.error();
    return shell.show(*done, kCard);
}

} // namespace

void addDevice(CLI::App &program, Shell &shell)
{
    auto *device = program.add_subcommand("device", "Gate devices");
    device->require_subcommand(1);

    auto *invite = device->add_subcommand("invite", "Make a one-time code that lets a device in (five minutes)");
    auto invited = std::make_shared<Given>();
    invite->add_option("--name", invited->name, "What people call the device");
    invite->add_option("--event", invited->event, "Its event (short name or id)");
    addPlace(*invite, *invited);
    shell.choose(invite, [&shell, invited]() -> Result<Exit> {
        boost::json::object body;
        if (!invited->name.empty())
            body["name"] = invited->name;
        if (const auto put = putPlace(shell, *invited, body); !put)
            return put.error();
        const auto made = shell.post("/v1/devices/codes", body);
        if (!made)
            return made.error();
        return shell.show(
            *made, {{"Code", "code"}, {"Server", "server"}, {"Pin", "pin"}, {"QR", "qr"}, {"Until", "expires_at"}});
    });

    auto *approve = device->add_subcommand("approve", "Let a device in, after its six digits were compared");
    auto approved = std::make_shared<Given>();
    approve->add_option("DEVICE", approved->device, "Its name or id")->required();
    approve->add_option("DIGITS", approved->digits, "The six digits, as the device shows them")->required();
    addReason(*approve, *approved);
    shell.choose(approve, [&shell, approved] {
        return tell(shell, *approved, "/approve", withReason({{"digits", approved->digits}}, *approved));
    });

    auto *list = device->add_subcommand("list", "All devices");
    auto listed = std::make_shared<Given>();
    list->add_option("--status", listed->status);
    shell.choose(list, [&shell, listed]() -> Result<Exit> {
        std::vector<std::pair<std::string, std::string>> query;
        if (!listed->status.empty())
            query.emplace_back("status", listed->status);
        const auto found = shell.all("/v1/devices", std::move(query));
        if (!found)
            return found.error();
        return shell.show(*found, kRows);
    });

    auto *show = device->add_subcommand("show", "One device");
    auto shown = std::make_shared<Given>();
    show->add_option("DEVICE", shown->device, "Its name or id")->required();
    shell.choose(show, [&shell, shown]() -> Result<Exit> {
        const auto id = deviceNamed(shell, shown->device);
        if (!id)
            return id.error();
        const auto found = shell.get("/v1/devices/" + *id);
        if (!found)
            return found.error();
        return shell.show(*found, kCard);
    });

    auto *assign = device->add_subcommand("assign", "Put a device at an event, a gate, a checkpoint");
    auto assigned = std::make_shared<Given>();
    assign->add_option("DEVICE", assigned->device, "Its name or id")->required();
    assign->add_option("--event", assigned->event, "Short name or id")->required();
    addPlace(*assign, *assigned);
    addReason(*assign, *assigned);
    shell.choose(assign, [&shell, assigned]() -> Result<Exit> {
        boost::json::object body;
        if (const auto put = putPlace(shell, *assigned, body); !put)
            return put.error();
        return tell(shell, *assigned, "/assign", withReason(std::move(body), *assigned));
    });

    auto *revoke = device->add_subcommand("revoke", "Shut a device out: it reads nothing more");
    auto revoked = std::make_shared<Given>();
    revoke->add_option("DEVICE", revoked->device, "Its name or id")->required();
    revoke->add_option("--reason", revoked->reason)->required();
    shell.choose(revoke, [&shell, revoked] { return tell(shell, *revoked, "/revoke", {{"reason", revoked->reason}}); });

    for (const auto &[order, help] :
         {std::pair("message", "Show a text on a device"), std::pair("lock", "Lock a device"),
          std::pair("unlock", "Unlock a device"), std::pair("wipe", "Destroy a device's data")}) {
        auto *verb = device->add_subcommand(order, help);
        auto in = std::make_shared<Given>();
        verb->add_option("DEVICE", in->device, "Its name or id")->required();
        verb->add_option("TEXT", in->text, "What it shows");
        addReason(*verb, *in);
        shell.choose(verb, [&shell, in, order = std::string(order)] {
            boost::json::object body{{"order", order}};
            if (!in->text.empty())
                body["text"] = in->text;
            return tell(shell, *in, "/orders", withReason(std::move(body), *in));
        });
    }
}

} // namespace voelgoed::cli

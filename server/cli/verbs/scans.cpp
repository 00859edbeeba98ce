#include "server/cli/verbs/verbs.h"

#include <iostream>

namespace voelgoed::cli {

using base::Result;

namespace {

struct Given
{
    std::string event, after, device, gate, outcome, ticket, incident, note, state, session, operatedBy;
    bool start = false;
};

const std::vector<Column> kScans{
    {"AT", "at"},         {"OUTCOME", "outcome"},     {"REASON", "reason"},         {"TICKET", "ordinal"},
    {"COUNT", "count"},   {"DIRECTION", "direction"}, {"CHECKPOINT", "checkpoint"}, {"GATE", "gate"},
    {"DEVICE", "device"}, {"DOUBLE", "is_double"}};
// Which ticket, gate or device; and of what has two places and times both of them.
const std::vector<Column> kIncidents{{"KIND", "kind"},
                                     {"SEVERITY", "severity"},
                                     {"STATE", "state"},
                                     {"TICKET", "facts.ordinal"},
                                     {"GATE", "facts.gate"},
                                     {"DEVICE", "facts.device"},
                                     {"FIRST", "facts.earlier.at"},
                                     {"AT", "facts.earlier.gate"},
                                     {"AGAIN", "facts.later.at"},
                                     {"AT", "facts.later.gate"},
                                     {"SINCE", "created_at"},
                                     {"ID", "id"}};
const std::vector<Column> kAside{
    {"RECEIVED", "received_at"}, {"BROUGHT BY", "brought_by"}, {"REASON", "reason"}, {"GATE", "says.gate"},
    {"AT", "says.at"},           {"OUTCOME", "says.outcome"},  {"STATE", "state"},   {"ID", "id"}};
const std::vector<Column> kSessions{
    {"SINCE", "started_at"},     {"UNTIL", "ended_at"},   {"GATE", "gate"},   {"DEVICE", "device"},
    {"OPERATOR", "operated_by"}, {"SCANS", "scan_count"}, {"STATE", "state"}, {"ID", "id"}};

Result<Exit> stats(Shell &shell, const Given &in)
{
    const auto id = shell.event(in.event);
    if (!id)
        return id.error();
    const auto found = shell.get("/v1/events/" + *id + "/occupancy");
    if (!found)
        return found.error();
    if (shell.isJson())
        return shell.say(*found, {});
    boost::json::array rows;
    for (const auto &point : found->at("checkpoints").as_array()) {
        for (const auto &gate : point.at("gates").as_array()) {
            boost::json::object row = gate.as_object();
            row["checkpoint"] = point.at("checkpoint");
            rows.push_back(std::move(row));
        }
    }
    const std::vector<Column> columns{
        {"CHECKPOINT", "checkpoint"}, {"GATE", "gate"}, {"IN", "entries"}, {"OUT", "exits"}, {"REFUSED", "denied"}};
    if (!rows.empty())
        std::cout << table(rows, columns);
    std::cout << "inside: " << plainText(found->at("inside")) << " (" << plainText(found->at("entries")) << " in, "
              << plainText(found->at("exits")) << " out, " << plainText(found->at("denied")) << " refused)\n";
    return Exit::Done;
}

using Query = std::vector<std::pair<std::string, std::string>>;

Result<Exit> listAt(Shell &shell, const std::string &path, Query query, const std::vector<Column> &columns)
{
    std::erase_if(query, [](const auto &each) { return each.second.empty(); });
    const auto found = shell.get(path, std::move(query));
    if (!found)
        return found.error();
    return shell.show(*found, columns);
}

Result<Exit> list(Shell &shell, const std::string &event, const std::string &what, Query query,
                  const std::vector<Column> &columns)
{
    const auto id = shell.event(event);
    if (!id)
        return id.error();
    return listAt(shell, "/v1/events/" + *id + "/" + what, std::move(query), columns);
}

Result<Exit> sessions(Shell &shell, const Given &in)
{
    if (!in.start && in.session.empty())
        return list(shell, in.event, "sessions", {{"state", in.state}, {"device", in.device}, {"after", in.after}},
                    kSessions);
    const auto id = shell.event(in.event);
    if (!id)
        return id.error();
    const std::string target = "/v1/events/" + *id + "/sessions";
    boost::json::object body;
    for (const auto &[name, value] :
         {std::pair("device", &in.device), std::pair("gate", &in.gate), std::pair("operated_by", &in.operatedBy)}) {
        if (in.start && !value->empty())
            body[name] = *value;
    }
    const auto done =
        in.start ? shell.post(target, body) : shell.post(target + "/" + escaped(in.session) + "/end", body);
    if (!done)
        return done.error();
    return shell.show(
        *done, {{"Id", "id"}, {"Device", "device"}, {"Gate", "gate"}, {"State", "state"}, {"Scans", "scan_count"}});
}

} // namespace

void addScans(CLI::App &program, Shell &shell)
{
    auto *scans = program.add_subcommand("scans", "What gates recorded, latest first");
    auto in = std::make_shared<Given>();
    scans->add_option("EVENT", in->event, "The event's short name or id")->required();
    scans->add_option("--device", in->device, "Only of this device");
    scans->add_option("--gate", in->gate, "Only at this gate");
    scans->add_option("--ticket", in->ticket, "Only of this ticket (its number)");
    scans->add_option("--outcome", in->outcome)->check(CLI::IsMember({"admit", "ask", "refuse", "undecided"}));
    scans->add_option("--after", in->after, "`next` of the page before");
    shell.choose(scans, [&shell, in] {
        return list(shell, in->event, "scans",
                    {{"device", in->device},
                     {"gate", in->gate},
                     {"ordinal", in->ticket},
                     {"outcome", in->outcome},
                     {"after", in->after},
                     {"limit", "100"}},
                    kScans);
    });

    auto *incidents = program.add_subcommand("incidents", "Doubles, and what else needs somebody's eyes");
    auto of = std::make_shared<Given>();
    incidents->add_option("EVENT", of->event, "The event's short name or id")->required();
    incidents->add_option("--state", of->state)->check(CLI::IsMember({"open", "closed"}));
    incidents->add_option("--after", of->after, "The last id of the page before");
    incidents->add_option("--close", of->incident, "Close this one");
    incidents->add_option("--note", of->note, "With --close: what was found");
    shell.choose(incidents, [&shell, of]() -> Result<Exit> {
        if (of->incident.empty())
            return list(shell, of->event, "incidents", {{"state", of->state}, {"after", of->after}}, kIncidents);
        const auto id = shell.event(of->event);
        if (!id)
            return id.error();
        const auto done =
            shell.post("/v1/events/" + *id + "/incidents/" + escaped(of->incident) + "/close", {{"note", of->note}});
        if (!done)
            return done.error();
        return shell.show(*done, {{"Kind", "kind"}, {"State", "state"}, {"Note", "note"}});
    });

    auto *aside = program.add_subcommand("quarantine", "Rows of devices that could not be taken");
    auto row = std::make_shared<Given>();
    aside->add_option("EVENT", row->event, "The event's short name or id; without one: rows that are of no event");
    aside->add_option("--state", row->state)->check(CLI::IsMember({"open", "dismissed"}));
    aside->add_option("--device", row->device, "Only what this device brought");
    aside->add_option("--after", row->after, "The last id of the page before");
    auto *dismiss = aside->add_option("--dismiss", row->incident, "This one is nothing to look at");
    aside->add_option("--note", row->note, "With --dismiss: why")->needs(dismiss);
    shell.choose(aside, [&shell, row]() -> Result<Exit> {
        std::string path = "/v1/quarantine";
        if (!row->event.empty()) {
            const auto id = shell.event(row->event);
            if (!id)
                return id.error();
            path = "/v1/events/" + *id + "/quarantine";
        }
        if (row->incident.empty())
            return listAt(shell, path, {{"state", row->state}, {"brought_by", row->device}, {"after", row->after}},
                          kAside);
        const auto done = shell.post(path + "/" + escaped(row->incident) + "/dismiss", {{"note", row->note}});
        if (!done)
            return done.error();
        return shell.show(*done, {{"Reason", "reason"}, {"State", "state"}});
    });

    auto *shifts = program.add_subcommand("sessions", "Scan sessions: who scans where; begins and ends them");
    auto session = std::make_shared<Given>();
    shifts->add_option("EVENT", session->event, "The event's short name or id")->required();
    shifts->add_option("--state", session->state)->check(CLI::IsMember({"active", "ended"}));
    shifts->add_option("--device", session->device, "Only on this device; with --start: on which");
    shifts->add_option("--after", session->after, "`next` of the page before");
    auto *start = shifts->add_flag("--start", session->start, "Begin one");
    shifts->add_option("--gate", session->gate, "With --start: at which gate")->needs(start);
    shifts->add_option("--operator", session->operatedBy, "With --start: who scans")->needs(start);
    shifts->add_option("--end", session->session, "End this one")->excludes(start);
    shell.choose(shifts, [&shell, session] { return sessions(shell, *session); });

    auto *figures = program.add_subcommand("stats", "Who is inside, by checkpoint and gate");
    auto about = std::make_shared<Given>();
    figures->add_option("EVENT", about->event, "The event's short name or id")->required();
    shell.choose(figures, [&shell, about] { return stats(shell, *about); });
}

} // namespace voelgoed::cli

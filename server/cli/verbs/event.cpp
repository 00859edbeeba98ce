#include "server/cli/verbs/verbs.h"

#include <iostream>

namespace voelgoed::cli {

using base::Result;

namespace {

constexpr std::size_t kDefinitionMax = std::size_t{16} << 20;

const std::vector<Column> kCard{
    {"Name", "name"},          {"Short name", "slug"},        {"Status", "status"},
    {"Begins", "starts_at"},   {"Doors", "doors_at"},         {"Ends", "ends_at"},
    {"Time zone", "timezone"}, {"Scanned from", "scan_from"}, {"Scanned until", "scan_until"},
    {"On sale", "on_sale"},    {"Version", "version"},        {"Id", "id"}};

struct Given
{
    std::string event, file, reason, startsAt, version, status, after;
};

/// The definition of a file; of a scenario file its event, without its tickets and scans.
Result<base::Json> definitionIn(const std::string &file)
{
    const auto text = contentsOf(file, kDefinitionMax);
    if (!text)
        return text.error();
    auto json = base::parseJson(*text);
    if (!json)
        return json.error().at(file);
    if (json->is_array() && json->as_array().size() == 1)
        *json = base::Json(json->as_array().front());
    if (!json->is_object())
        return base::invalid(file + ": a definition is a JSON object, or a scenario file of one scenario");
    for (const char *part : {"name", "tickets", "scans"})
        json->as_object().erase(part);
    return json;
}

Result<Exit> update(Shell &shell, const Given &in)
{
    auto definition = definitionIn(in.file);
    if (!definition)
        return definition.error();
    if (!in.reason.empty())
        definition->as_object()["reason"] = in.reason;
    const auto id = shell.event(in.event);
    if (!id)
        return id.error();
    std::vector<std::pair<std::string, std::string>> fields;
    if (!in.version.empty())
        fields.emplace_back("If-Match", "\"" + in.version + "\"");
    const auto done = shell.send("PUT", "/v1/events/" + *id + "/definition", *definition, std::move(fields));
    if (!done)
        return done.error();
    return shell.show(*done, kCard);
}

Result<Exit> show(Shell &shell, const Given &in, bool asDefinition)
{
    const auto id = shell.event(in.event);
    if (!id)
        return id.error();
    const auto found = shell.get(
        "/v1/events/" + *id, asDefinition ? std::vector<std::pair<std::string, std::string>>{{"format", "definition"}}
                                          : std::vector<std::pair<std::string, std::string>>{});
    if (!found)
        return found.error();
    if (!asDefinition)
        return shell.show(*found, kCard);
    std::cout << (shell.isJson() ? base::toText(*found) + "\n" : indented(*found));
    return Exit::Done;
}

void addMoves(CLI::App &event, Shell &shell)
{
    const std::vector<std::pair<std::string, std::string>> verbs{
        {"publish", "Show an event; its gates open by themselves"},
        {"open", "Make an event live before its time"},
        {"end", "End a live event: nobody is let in any more"},
        {"cancel", "Cancel an event"},
        {"postpone", "Postpone an event, to a time that may not be known yet"},
        {"reschedule", "Give an event a new time"},
        {"archive", "Put away an event that is over"}};
    for (const auto &[verb, help] : verbs) {
        auto *move = event.add_subcommand(verb, help);
        auto in = std::make_shared<Given>();
        move->add_option("EVENT", in->event, "Its short name or id")->required();
        move->add_option("--reason", in->reason, "Why");
        if (verb == "postpone" || verb == "reschedule")
            move->add_option("--starts-at", in->startsAt, "The new time (RFC 3339)");
        shell.choose(move, [&shell, in, verb = verb]() -> Result<Exit> {
            const auto id = shell.event(in->event);
            if (!id)
                return id.error();
            boost::json::object body;
            if (!in->reason.empty())
                body["reason"] = in->reason;
            if (!in->startsAt.empty())
                body["starts_at"] = in->startsAt;
            const auto done = shell.post("/v1/events/" + *id + "/" + verb, body);
            if (!done)
                return done.error();
            return shell.show(*done, kCard);
        });
    }
}

} // namespace

void addEvent(CLI::App &program, Shell &shell)
{
    auto *event = program.add_subcommand("event", "Events, and what their gates know of them");
    event->require_subcommand(1);

    auto *create = event->add_subcommand("create", "Create an event, as a draft, from a definition");
    auto made = std::make_shared<Given>();
    create->add_option("--file", made->file, "The definition (JSON; a scenario file will do), or -")->required();
    shell.choose(create, [&shell, made]() -> Result<Exit> {
        const auto definition = definitionIn(made->file);
        if (!definition)
            return definition.error();
        const auto done = shell.post("/v1/events", *definition);
        if (!done)
            return done.error();
        return shell.show(*done, kCard);
    });

    auto *list = event->add_subcommand("list", "Events, newest first");
    auto listed = std::make_shared<Given>();
    list->add_option("--status", listed->status, "Only those of this status");
    list->add_option("--after", listed->after, "The last id of the page before");
    shell.choose(list, [&shell, listed]() -> Result<Exit> {
        std::vector<std::pair<std::string, std::string>> query{{"limit", "100"}};
        if (!listed->status.empty())
            query.emplace_back("status", listed->status);
        if (!listed->after.empty())
            query.emplace_back("after", listed->after);
        const auto found = shell.get("/v1/events", std::move(query));
        if (!found)
            return found.error();
        return shell.show(
            *found,
            {{"SHORT NAME", "slug"}, {"NAME", "name"}, {"STATUS", "status"}, {"BEGINS", "starts_at"}, {"ID", "id"}});
    });

    auto *one = event->add_subcommand("show", "One event");
    auto shown = std::make_shared<Given>();
    auto asDefinition = std::make_shared<bool>(false);
    one->add_option("EVENT", shown->event, "Its short name or id")->required();
    one->add_flag("--definition", *asDefinition, "The whole definition, as `event update --file` takes it");
    shell.choose(one, [&shell, shown, asDefinition] { return show(shell, *shown, *asDefinition); });

    auto *change = event->add_subcommand("update", "Replace an event's definition");
    auto changed = std::make_shared<Given>();
    change->add_option("EVENT", changed->event, "Its short name or id")->required();
    change->add_option("--file", changed->file, "The definition (JSON), or -")->required();
    change->add_option("--version", changed->version, "Only if the event still has this version");
    change->add_option("--reason", changed->reason, "Why; needed where times of a published event change");
    shell.choose(change, [&shell, changed] { return update(shell, *changed); });

    addMoves(*event, shell);
}

} // namespace voelgoed::cli

#include "server/cli/verbs/verbs.h"

#include <iostream>

namespace voelgoed::cli {

using base::Result;

namespace {

const std::vector<Column> kRows{{"NO", "ordinal"}, {"TYPE", "type"},     {"STATE", "state"}, {"BLOCKED", "blocked"},
                                {"SEAT", "seat"},  {"HOLDER", "holder"}, {"ORDER", "order"}, {"CODE", "code_kind"}};
const std::vector<Column> kCard{{"Number", "ordinal"},
                                {"Type", "type"},
                                {"State", "state"},
                                {"Blocked", "blocked"},
                                {"Seat", "seat"},
                                {"Holder", "holder"},
                                {"E-mail", "email"},
                                {"Order", "order"},
                                {"Date", "date"},
                                {"Zones", "zones"},
                                {"Gates", "gates"},
                                {"Valid from", "valid_from"},
                                {"Valid until", "valid_until"},
                                {"Admits", "admits"},
                                {"Generation", "generation"},
                                {"Code", "code_kind"},
                                {"Version", "version"},
                                {"Id", "id"}};
const std::vector<Column> kIssued{
    {"NO", "ticket.ordinal"}, {"TYPE", "ticket.type"}, {"HOLDER", "ticket.holder"}, {"TYPED", "typed"}};

struct Given
{
    std::string event, type, holder, email, seat, order, date, reason, state, words, after;
    std::vector<std::string> tickets, zones, gates;
    int count = 1;
    int admits = 0;
};

Result<Exit> issue(Shell &shell, const Given &in)
{
    const auto id = shell.event(in.event);
    if (!id)
        return id.error();
    boost::json::object ticket{{"type", in.type}};
    for (const auto &[name, value] :
         {std::pair("holder", in.holder), std::pair("email", in.email), std::pair("seat", in.seat),
          std::pair("order", in.order), std::pair("date", in.date)}) {
        if (!value.empty())
            ticket[name] = value;
    }
    if (!in.zones.empty())
        ticket["zones"] = boost::json::array(in.zones.begin(), in.zones.end());
    if (!in.gates.empty())
        ticket["gates"] = boost::json::array(in.gates.begin(), in.gates.end());
    if (in.admits > 0)
        ticket["admits"] = in.admits;
    constexpr int kAtOnce = 1'000;
    boost::json::array all;
    for (int left = in.count; left > 0; left -= kAtOnce) {
        const boost::json::array tickets(static_cast<std::size_t>(std::min(left, kAtOnce)), ticket);
        auto made = shell.post("/v1/events/" + *id + "/tickets", {{"tickets", tickets}});
        if (!made) {
            if (!all.empty())
                shell.note(std::to_string(all.size()) + " of " + std::to_string(in.count) +
                           " were issued before this.");
            return made.error();
        }
        for (auto &each : made->at("data").as_array())
            all.push_back(std::move(each));
        if (in.count > kAtOnce)
            shell.note(std::to_string(all.size()) + " of " + std::to_string(in.count));
    }
    return shell.show({{"data", std::move(all)}}, kIssued);
}

/// The same for each ticket that was named; stops at the first that fails.
Result<Exit> each(Shell &shell, const Given &in, const std::string &verb, const boost::json::object &body)
{
    const auto id = shell.event(in.event);
    if (!id)
        return id.error();
    boost::json::array done;
    for (const std::string &ticket : in.tickets) {
        auto answer = shell.post("/v1/events/" + *id + "/tickets/" + escaped(ticket) + "/" + verb, body);
        if (!answer)
            return answer.error().at("ticket " + ticket);
        done.push_back(std::move(*answer));
    }
    const bool isIssued = !done.empty() && done.front().as_object().contains("ticket");
    return shell.show({{"data", std::move(done)}}, isIssued ? kIssued : kRows);
}

void addChanges(CLI::App &ticket, Shell &shell)
{
    const std::vector<std::pair<std::string, std::string>> verbs{
        {"cancel", "Cancel tickets: gates refuse them"},
        {"restore", "Make cancelled tickets valid again"},
        {"block", "Block tickets for the time being"},
        {"unblock", "Take a block off"},
        {"reissue", "Give tickets new codes, and withdraw the ones before"}};
    for (const auto &[verb, help] : verbs) {
        auto *change = ticket.add_subcommand(verb, help);
        auto in = std::make_shared<Given>();
        change->add_option("EVENT", in->event, "The event's short name or id")->required();
        change->add_option("TICKET", in->tickets, "Numbers in the event, or ids")->required();
        change->add_option("--reason", in->reason, "Why, for the audit trail");
        shell.choose(change, [&shell, in, verb = verb] {
            boost::json::object body;
            if (!in->reason.empty())
                body["reason"] = in->reason;
            return each(shell, *in, verb, body);
        });
    }
    auto *transfer = ticket.add_subcommand("transfer", "Give a ticket to another holder, with a new code");
    auto in = std::make_shared<Given>();
    in->tickets.resize(1);
    transfer->add_option("EVENT", in->event, "The event's short name or id")->required();
    transfer->add_option("TICKET", in->tickets[0], "Its number in the event, or its id")->required();
    transfer->add_option("--holder", in->holder)->required();
    transfer->add_option("--email", in->email);
    transfer->add_option("--reason", in->reason);
    shell.choose(transfer, [&shell, in] {
        boost::json::object body{{"holder", in->holder}};
        if (!in->email.empty())
            body["email"] = in->email;
        if (!in->reason.empty())
            body["reason"] = in->reason;
        return each(shell, *in, "transfer", body);
    });
}

} // namespace

void addTicket(CLI::App &program, Shell &shell)
{
    auto *ticket = program.add_subcommand("ticket", "Tickets, and what becomes of them");
    ticket->require_subcommand(1);

    auto *make = ticket->add_subcommand("issue", "Issue tickets with signed codes");
    auto made = std::make_shared<Given>();
    make->add_option("EVENT", made->event, "The event's short name or id")->required();
    make->add_option("--type", made->type, "The ticket type's id")->required();
    make->add_option("--count", made->count, "How many")->check(CLI::Range(1, 1'000'000))->capture_default_str();
    make->add_option("--holder", made->holder);
    make->add_option("--email", made->email);
    make->add_option("--seat", made->seat);
    make->add_option("--order", made->order);
    make->add_option("--date", made->date);
    make->add_option("--zone", made->zones, "Only these zones");
    make->add_option("--gate", made->gates, "Only these gates");
    make->add_option("--admits", made->admits, "Persons, where it is not as the type says")
        ->check(CLI::Range(1, 65535));
    shell.choose(make, [&shell, made] { return issue(shell, *made); });

    auto *list = ticket->add_subcommand("list", "Find tickets");
    auto listed = std::make_shared<Given>();
    list->add_option("EVENT", listed->event, "The event's short name or id")->required();
    list->add_option("WORDS", listed->words, "In holder, e-mail, order or seat");
    list->add_option("--state", listed->state)
        ->check(CLI::IsMember({"valid", "pending", "unapproved", "cancelled", "revoked"}));
    list->add_option("--type", listed->type);
    list->add_option("--after", listed->after, "The last number of the page before");
    shell.choose(list, [&shell, listed]() -> Result<Exit> {
        const auto id = shell.event(listed->event);
        if (!id)
            return id.error();
        std::vector<std::pair<std::string, std::string>> query{{"limit", "100"}};
        for (const auto &[name, value] : {std::pair("q", listed->words), std::pair("state", listed->state),
                                          std::pair("type", listed->type), std::pair("after", listed->after)}) {
            if (!value.empty())
                query.emplace_back(name, value);
        }
        const auto found = shell.get("/v1/events/" + *id + "/tickets", std::move(query));
        if (!found)
            return found.error();
        return shell.show(*found, kRows);
    });

    auto *one = ticket->add_subcommand("show", "One ticket");
    auto shown = std::make_shared<Given>();
    shown->tickets.resize(1);
    one->add_option("EVENT", shown->event, "The event's short name or id")->required();
    one->add_option("TICKET", shown->tickets[0], "Its number in the event, or its id")->required();
    shell.choose(one, [&shell, shown]() -> Result<Exit> {
        const auto id = shell.event(shown->event);
        if (!id)
            return id.error();
        const auto found = shell.get("/v1/events/" + *id + "/tickets/" + escaped(shown->tickets[0]));
        if (!found)
            return found.error();
        return shell.show(*found, kCard);
    });
    addChanges(*ticket, shell);
    addTicketFiles(*ticket, shell);
}

} // namespace voelgoed::cli

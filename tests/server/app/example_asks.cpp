#include "tests/server/app/example_asks.h"

namespace voelgoed::test {

namespace {

base::Json definition(const std::string &slug)
{
    base::Json json = *base::parseJson(R"({
        "event": {"id": "x", "name": "Fest", "timezone": "Africa/Johannesburg", "starts_at": "2026-12-06T12:00:00Z",
                  "ends_at": "2026-12-06T22:00:00Z", "doors_at": "2026-12-06T11:00:00Z"},
        "ticket_types": [{"id": "adult", "name": "Adult"}],
        "gates": [{"id": "g1", "name": "North", "checkpoints": ["main"]}],
        "checkpoints": [{"id": "main", "name": "Main", "types": "all"}]})");
    json.as_object()["event"].as_object()["id"] = boost::json::string(slug);
    return json;
}

base::Json reason(const char *why = "because")
{
    return {{"reason", why}};
}

using Example = std::function<Ask(Workshop &)>;

/// A verb on a fresh event of this status.
Example moves(const char *status, const char *verb, base::Json body = reason())
{
    return [status, verb, body = std::move(body)](Workshop &shop) {
        return shop.post("/v1/events/" + shop.event(status) + "/" + verb, body);
    };
}

Example changesTicket(const char *verb, base::Json body = reason())
{
    return [verb, body = std::move(body)](Workshop &shop) { return shop.post(shop.ticket() + "/" + verb, body); };
}

Example takesBack(const char *first, const char *verb)
{
    return [first, verb](Workshop &shop) { return shop.post(shop.ticket({first}) + "/" + verb, reason()); };
}

Example changesDevice(const char *status, const char *verb, base::Json body)
{
    return [status, verb, body = std::move(body)](Workshop &shop) {
        return shop.post("/v1/devices/" + shop.device(status) + "/" + verb, body);
    };
}

Ask asSuperAdmin(Workshop &shop, std::string target, base::Json body)
{
    Ask ask = shop.post(std::move(target), std::move(body));
    ask.actor = superAdmin(shop.organization(), "asked for");
    return ask;
}

std::map<std::string, Example> makeExamples()
{
    const base::Json ticket{{"tickets", boost::json::array{boost::json::object{{"type", "adult"}, {"holder", "A"}}}}};
    return {
        {"tenancy.create_organization",
         [](Workshop &shop) {
             const std::string slug = shop.word("org-");
             return asSuperAdmin(shop, "/v1/orgs",
                                 {{"name", "New"}, {"slug", slug}, {"owner_email", slug + "@example.org"}});
         }},
        {"tenancy.invite_member",
         [](Workshop &shop) {
             return shop.post("/v1/orgs/" + base::toText(shop.organization()) + "/invitations",
                              {{"email", shop.word("guest") + "@example.org"}, {"role", "viewer"}});
         }},
        {"tenancy.reset_member_password",
         [](Workshop &shop) {
             return shop.post("/v1/orgs/" + base::toText(shop.organization()) + "/members/" + shop.person() +
                              "/password-reset");
         }},
        {"tenancy.reset_user_password",
         [](Workshop &shop) { return asSuperAdmin(shop, "/v1/users/" + shop.person() + "/password-reset", reason()); }},
        {"tenancy.create_badge",
         [](Workshop &shop) {
             return shop.post(
                 "/v1/badges",
                 {{"event", shop.event()}, {"name", "B"}, {"pin", "4711"}, {"grants", boost::json::array{"steward"}}});
         }},
        {"tenancy.invite_device",
         [](Workshop &shop) {
             return shop.post("/v1/devices/codes", {{"name", shop.word("Gate ")}});
         }},
        {"tenancy.approve_device", changesDevice("pending", "approve", {{"digits", "123456"}})},
        {"tenancy.assign_device", changesDevice("active", "assign", {{"event", "e"}, {"gate", "g1"}})},
        {"tenancy.tell_device", changesDevice("active", "orders", {{"order", "message"}, {"text", "Hello"}})},
        {"tenancy.revoke_device", changesDevice("active", "revoke", reason())},
        {"api.create_key",
         [](Workshop &shop) {
             return shop.post("/v1/api-keys",
                              {{"name", shop.word("key")}, {"scopes", boost::json::array{"read_events"}}});
         }},
        {"api.roll_key", [](Workshop &shop) { return shop.post("/v1/api-keys/" + shop.apiKey() + "/roll"); }},
        {"events.create", [](Workshop &shop) { return shop.post("/v1/events", definition(shop.word("event-"))); }},
        {"events.create_venue",
         [](Workshop &shop) {
             return shop.post("/v1/venues", {{"name", shop.word("Hall ")}, {"timezone", "Africa/Johannesburg"}});
         }},
        {"events.publish", moves("draft", "publish")},
        {"events.open", moves("published", "open")},
        {"events.end", moves("live", "end")},
        {"events.archive", moves("ended", "archive")},
        {"events.cancel", moves("published", "cancel")},
        {"events.postpone", moves("published", "postpone")},
        {"events.reschedule",
         moves("published", "reschedule", {{"starts_at", "2026-12-20T12:00:00Z"}, {"reason", "rain"}})},
        {"scanning.start_session",
         [](Workshop &shop) {
             return shop.post("/v1/events/" + shop.event("live") + "/sessions", {{"device", shop.word("scanner")}});
         }},
        {"scanning.end_session", [](Workshop &shop) { return shop.post(shop.session() + "/end"); }},
        {"scanning.close_incident",
         [](Workshop &shop) {
             return shop.post(shop.incident() + "/close", {{"note", "seen"}});
         }},
        {"scanning.dismiss_quarantined",
         [](Workshop &shop) {
             return shop.post(shop.quarantined() + "/dismiss", {{"note", "nothing"}});
         }},
        {"scanning.dismiss_stray",
         [](Workshop &shop) {
             return shop.post(shop.stray() + "/dismiss", {{"note", "nothing"}});
         }},
        {"ticketing.issue_tickets",
         [ticket](Workshop &shop) { return shop.post("/v1/events/" + shop.event() + "/tickets", ticket); }},
        {"ticketing.import_tickets",
         [](Workshop &shop) {
             Ask ask = shop.post("/v1/events/" + shop.event() + "/tickets/import?type=adult",
                                 boost::json::string("Code\nA-1\nA-2\n"));
             ask.fields.emplace_back("Content-Type", "text/csv");
             return ask;
         }},
        {"ticketing.cancel_ticket", changesTicket("cancel")},
        {"ticketing.restore_ticket", takesBack("cancel", "restore")},
        {"ticketing.block_ticket", changesTicket("block")},
        {"ticketing.unblock_ticket", takesBack("block", "unblock")},
        {"ticketing.reissue_ticket", changesTicket("reissue")},
        {"ticketing.transfer_ticket", changesTicket("transfer", {{"holder", "B"}, {"email", "b@example.org"}})},
        {"ticketing.add_key", [](Workshop &shop) { return shop.post("/v1/events/" + shop.event() + "/keys"); }},
        {"ticketing.retire_key",
         [](Workshop &shop) { return shop.post("/v1/events/" + shop.event("two keys") + "/keys/0/retire", reason()); }},
        {"ticketing.add_foreign_key",
         [](Workshop &shop) {
             base::SeededRandom random(static_cast<std::uint32_t>(std::stoi(shop.word(""))));
             return shop.post(
                 "/v1/events/" + shop.event() + "/foreign-keys",
                 {{"system", "pretix"}, {"public_key", base::toHex(base::SigningKey::generate(random).publicKey())}});
         }},
    };
}

} // namespace

Workshop::Workshop(ServerBench &bench, base::Uuid organization) : m_bench(bench), m_organization(organization)
{
    const std::string id = base::toText(organization);
    m_bench.execute("INSERT INTO tenancy.organizations (organization_id, name, slug) VALUES ('" + id + "', 'O', 'o-" +
                    id + "'); INSERT INTO tenancy.organization_settings (organization_id) VALUES ('" + id + "')");
}

Reply Workshop::done(Ask ask)
{
    ask.fields.emplace_back("Idempotency-Key", word("made "));
    const std::string target = ask.target;
    Reply reply = m_bench.call(std::move(ask));
    base::ensure(reply.status < 300, (target + ": " + reply.body).c_str());
    return reply;
}

std::string Workshop::event(const std::string &status)
{
    static const std::map<std::string, std::vector<const char *>> kWays{
        {"draft", {}},
        {"published", {"publish"}},
        {"live", {"publish", "open"}},
        {"ended", {"publish", "open", "end"}},
        {"cancelled", {"publish", "cancel"}},
        {"two keys", {"keys"}},
    };
    std::string id = done(post("/v1/events", definition(word("e-")))).text("id");
    for (const char *verb : kWays.at(status))
        done(post("/v1/events/" + id + "/" + verb,
                  std::string_view(verb) == "keys" ? base::Json(boost::json::object()) : reason()));
    return id;
}

std::string Workshop::ticket(std::initializer_list<const char *> verbs)
{
    const std::string tickets = "/v1/events/" + event() + "/tickets";
    done(post(tickets, {{"tickets", boost::json::array{boost::json::object{{"type", "adult"}}}}}));
    for (const char *verb : verbs)
        done(post(tickets + "/1/" + verb, reason()));
    return tickets + "/1";
}

std::string Workshop::device(const std::string &status)
{
    base::SeededRandom random(1'000U + static_cast<std::uint32_t>(++m_made));
    const std::string id = base::toText(base::makeUuid(m_bench.clock().now().wall, random));
    m_bench.execute("INSERT INTO tenancy.devices (organization_id, id, name, public_key, digits, status) VALUES ('" +
                    base::toText(m_organization) + "', '" + id + "', 'North', decode('" +
                    base::toHex(base::SigningKey::generate(random).publicKey()) + "', 'hex'), '123456', '" + status +
                    "')");
    return id;
}

std::string Workshop::person()
{
    const std::string email = word("person-") + "@" + base::toText(m_organization) + ".example.org";
    return m_bench.execute("WITH made AS (INSERT INTO tenancy.users (id, email, status) VALUES (gen_random_uuid(), '" +
                           email +
                           "', 'active') RETURNING id) INSERT INTO tenancy.memberships (organization_id, user_id, "
                           "role) SELECT '" +
                           base::toText(m_organization) + "', id, 'staff' FROM made RETURNING user_id");
}

std::string Workshop::incident()
{
    const std::string of = event();
    const std::string id = device("active"); // any id that is free
    m_bench.execute("INSERT INTO scanning.incidents (organization_id, event_id, id, kind, severity, subject, facts) "
                    "VALUES ('" +
                    base::toText(m_organization) + "', '" + of + "', '" + id + "', 'double', 'warning', 's', '{}')");
    return "/v1/events/" + of + "/incidents/" + id;
}

std::string Workshop::quarantined()
{
    const std::string of = event();
    const std::string id = device("active"); // any id that is free
    m_bench.execute("INSERT INTO scanning.quarantine (organization_id, event_id, id, device, epoch, seq, hash, reason, "
                    "row, brought_by) VALUES ('" +
                    base::toText(m_organization) + "', '" + of + "', '" + id +
                    "', 'd', 1, 1, 'h', 'unreadable', 'r', 'b')");
    return "/v1/events/" + of + "/quarantine/" + id;
}

std::string Workshop::stray()
{
    const std::string id = device("active"); // any id that is free
    m_bench.execute(
        "INSERT INTO scanning.strays (organization_id, id, device, epoch, seq, hash, reason, row, brought_by) "
        "VALUES ('" +
        base::toText(m_organization) + "', '" + id + "', 'd', 1, 1, '" + id + "', 'no_such_event', 'r', 'b')");
    return "/v1/quarantine/" + id;
}

std::string Workshop::session()
{
    const std::string sessions = "/v1/events/" + event("live") + "/sessions";
    return sessions + "/" + done(post(sessions, {{"device", word("scanner")}})).text("id");
}

std::string Workshop::apiKey()
{
    return done(post("/v1/api-keys", {{"name", word("k")}, {"scopes", boost::json::array{"read_events"}}})).text("id");
}

const std::map<std::string, std::function<Ask(Workshop &)>> &exampleAsks()
{
    static const std::map<std::string, Example> kExamples = makeExamples();
    return kExamples;
}

} // namespace voelgoed::test

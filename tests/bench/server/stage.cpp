#include "tests/bench/server/stage.h"

#include "server/platform/supervisor/postgres_cluster.h"
#include "shared/ticket/foreign.h"

#include <filesystem>

#include <stdlib.h>

namespace voelgoed::bench {

namespace {

constexpr const char *kPassword = "Sterk3Wagwoord";
constexpr std::uint32_t kTicketsTogether = 50'000;

std::string textOf(const base::Json &json, const char *name)
{
    return std::string(json.at(name).as_string());
}

/// Not where the build is: the server's Postgres is another user, who has to get there, by a short path.
std::string makeFolder()
{
    char path[] = "/var/tmp/vg-bench-XXXXXX";
    base::ensure(::mkdtemp(path) != nullptr, "a folder in /var/tmp");
    std::filesystem::permissions(path, std::filesystem::perms(0755));
    return path;
}

} // namespace

Stage::Stage(const BenchSettings &settings) : m_programs(settings.programs), m_folder(makeFolder())
{
    m_server = std::make_unique<Child>(std::vector<std::string>{program("voelgoed-server"), "run", "--data",
                                                                m_folder + "/server", "--listen", "127.0.0.1:0"},
                                       m_folder + "/server.log");
    const auto ready = m_server->line();
    base::ensure(ready && ready->starts_with("ready "), "the server starts");
    m_url = ready->substr(6);
}

Stage::~Stage()
{
    m_server->stop();
    std::error_code ignored;
    std::filesystem::remove_all(m_folder, ignored);
}

std::uint16_t Stage::port() const
{
    return static_cast<std::uint16_t>(std::stoi(m_url.substr(m_url.rfind(':') + 1)));
}

Organization &Stage::organization(int number)
{
    Organization &organization = m_organizations[number];
    if (organization.desk)
        return organization;
    const std::string slug = "org-" + std::to_string(number), email = "owner@" + slug + ".example.org";
    const support::PlainHttp admin("unix:" + m_folder + "/server/admin.sock");
    const auto made =
        admin.post("/v1/orgs", {{"name", slug}, {"slug", slug}, {"owner_email", email}, {"owner_password", kPassword}});
    base::ensure(made.status == 201, made.body.c_str());
    const auto signedIn = http().post("/v1/sessions", {{"email", email}, {"password", kPassword}});
    base::ensure(signedIn.status == 201, signedIn.body.c_str());
    organization.id = textOf(signedIn.json(), "organization");
    organization.token = textOf(signedIn.json(), "token");
    const auto cluster = supervisor::PostgresCluster::at({.folder = m_folder + "/server/postgres"});
    base::ensure(static_cast<bool>(cluster), "the server's Postgres");
    organization.desk = std::make_unique<support::EventDesk>(
        support::EventDesk::Urls{cluster->url("vg_app", "voelgoed"), cluster->url("postgres", "voelgoed")},
        *base::uuidFrom(organization.id));
    return organization;
}

base::Uuid Stage::makeEvent(Organization &organization, std::uint32_t tickets)
{
    const base::Instant now = std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now());
    const base::Uuid event = base::makeUuid(now, m_random);
    const gate::PracticeEvent practice(m_keys, std::chrono::floor<std::chrono::hours>(now) - std::chrono::hours(1),
                                       m_random);
    protocol::Definition definition = practice.definition();
    definition.event.event.id = {base::toText(event)};
    definition.keys.event = event;
    definition.keys.shortId = ++m_shortId;
    organization.desk->open(event, definition);
    for (std::uint32_t first = 1; first <= tickets; first += kTicketsTogether) {
        std::vector<protocol::ListedTicket> some;
        for (std::uint32_t n = first; n <= tickets && n < first + kTicketsTogether; ++n)
            some.push_back(
                {.ticket = {.ordinal = {n}, .type = {"adult"}},
                 .codes = {{ticket::foreignHash("CODE-" + std::to_string(n)), 0, protocol::CodeKind::Foreign, false}}});
        organization.desk->put(event, some);
    }
    return event;
}

std::string Stage::createEvent(const Organization &organization)
{
    const std::string slug = "event-" + std::to_string(++m_created);
    base::Json definition = *base::parseJson(R"({
        "event": {"name": "Festival at the Quay", "timezone": "Africa/Johannesburg"},
        "ticket_types": [{"id": "adult", "name": "Adult"}, {"id": "family", "name": "Family", "admits": 4}],
        "gates": [{"id": "north", "name": "North", "checkpoints": ["main"]}],
        "checkpoints": [{"id": "main", "name": "Main", "types": "all"}]})");
    auto &about = definition.as_object()["event"].as_object();
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    about["id"] = slug;
    about["doors_at"] = base::formatInstant(now - std::chrono::hours(1));
    about["starts_at"] = base::formatInstant(now + std::chrono::hours(1));
    about["ends_at"] = base::formatInstant(now + std::chrono::hours(6));
    const auto made = http().post("/v1/events", definition, organization.token, slug);
    base::ensure(made.status == 201, made.body.c_str());
    const std::string id = textOf(made.json(), "id");
    const auto published = http().post("/v1/events/" + id + "/publish", boost::json::object{}, organization.token);
    base::ensure(published.status == 200, published.body.c_str());
    return id;
}

PairedDevice Stage::pair(const Organization &organization, const base::Uuid &event, const std::string &gate)
{
    const auto invited =
        http().post("/v1/devices/codes", {{"event", base::toText(event)}, {"gate", gate}, {"checkpoint", "main"}},
                    organization.token);
    base::ensure(invited.status == 201, invited.body.c_str());
    const std::string folder = m_folder + "/device-" + std::to_string(++m_devices);
    Child pairing({program("voelgoed-gate"), "pair", "--data", folder, "--qr", textOf(invited.json(), "qr"), "--json"},
                  m_folder + "/gates.log");
    const auto shown = pairing.line();
    base::ensure(shown.has_value(), "a gate that shows its digits");
    const auto shownJson = base::parseJson(*shown);
    base::ensure(bool(shownJson), "a gate's digits are JSON");
    const std::string digits = textOf(*shownJson, "digits");
    const base::Json pending = http().get("/v1/devices?status=pending", organization.token).json().at("data");
    for (const base::Json &device : pending.as_array()) {
        if (textOf(device, "digits") == digits)
            http().post("/v1/devices/" + textOf(device, "id") + "/approve", {{"digits", digits}}, organization.token);
    }
    base::ensure(pairing.end() == 0, "a gate that is paired");
    auto identity = profile::loadIdentity(folder);
    base::ensure(bool(identity), "a paired gate's identity");
    return {.folder = folder, .identity = std::move(*identity), .event = event, .gate = gate};
}

void Stage::fetchList(const PairedDevice &device) const
{
    const auto gate = runGate(device);
    gate->closeInput();
    base::ensure(gate->end() == 0, "a gate that fetches its list");
}

std::unique_ptr<Child> Stage::runGate(const PairedDevice &device) const
{
    return std::make_unique<Child>(
        std::vector<std::string>{program("voelgoed-gate"), "run", "--data", device.folder, "--json"},
        m_folder + "/gates.log");
}

std::string Stage::superuser() const
{
    const auto cluster = supervisor::PostgresCluster::at({.folder = m_folder + "/server/postgres"});
    base::ensure(bool(cluster), "the server's Postgres");
    return cluster->url("postgres", "voelgoed");
}

} // namespace voelgoed::bench

#pragma once

#include "device/gate/practice_event.h"
#include "shared/protocol/pairing.h"
#include "shared/ticket/foreign.h"
#include "tests/integration/running_gate.h"
#include "tests/integration/server_process.h"
#include "tests/support/event_desk.h"

#include <memory>
#include <optional>

namespace voelgoed::integration {

inline protocol::ListedTicket coded(std::uint32_t ordinal, const std::string &code)
{
    return {.ticket = {.ordinal = {ordinal}, .type = {"adult"}},
            .codes = {{ticket::foreignHash(code), 0, protocol::CodeKind::Foreign, false}}};
}

/// Tickets 1 to `count`, with the codes CODE-1 and so on.
inline std::vector<protocol::ListedTicket> codedTickets(std::uint32_t count)
{
    std::vector<protocol::ListedTicket> tickets;
    for (std::uint32_t n = 1; n <= count; ++n)
        tickets.push_back(coded(n, "CODE-" + std::to_string(n)));
    return tickets;
}

/// A real server with an organization of one owner, and what that owner does there.
class Backstage
{
public:
    ServerProcess server;
    std::unique_ptr<support::EventDesk> desk;
    std::string token, organization;

    explicit Backstage(World world = worldOfTests()) : server(world) {}

    bool start()
    {
        if (!server.start())
            return false;
        const base::Json owner{{"name", "Fees"},
                               {"slug", "fees"},
                               {"owner_email", "owner@fees.example.org"},
                               {"owner_password", "Sterk3Wagwoord"}};
        if (server.admin().post("/v1/orgs", owner).status != 201)
            return false;
        const auto answer =
            http().post("/v1/sessions", {{"email", "owner@fees.example.org"}, {"password", "Sterk3Wagwoord"}});
        if (answer.status != 201)
            return false;
        token = textOf(answer.json(), "token");
        organization = textOf(answer.json(), "organization");
        desk = std::make_unique<support::EventDesk>(
            support::EventDesk::Urls{server.postgresUrl("vg_app"), server.postgresUrl("postgres")},
            *base::uuidFrom(organization));
        return true;
    }

    support::PlainHttp http() const { return server.http(); }
    static std::string textOf(const base::Json &json, const char *name)
    {
        return std::string(json.at(name).as_string());
    }

    /// An event at which the doors have been open for an hour, with tickets CODE-1 and so on. Its id.
    base::Uuid makeEvent(std::uint32_t tickets)
    {
        const base::Instant now = std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now());
        base::Uuid event = base::makeUuid(now, m_random);
        gate::PracticeEvent practice(m_keys, std::chrono::floor<std::chrono::hours>(now) - std::chrono::hours(1),
                                     m_random);
        protocol::Definition definition = practice.definition();
        definition.event.event.id = {base::toText(event)};
        definition.keys.event = event;
        definition.keys.shortId = ++m_shortId;
        desk->open(event, definition);
        if (tickets > 0)
            desk->put(event, codedTickets(tickets));
        return event;
    }

    /// An invitation: code, server, pin, qr.
    base::Json invite(const base::Uuid &event, const std::string &gate = "north")
    {
        const auto answer = http().post(
            "/v1/devices/codes", {{"event", base::toText(event)}, {"gate", gate}, {"checkpoint", "main"}}, token);
        base::ensure(answer.status == 201, answer.body.c_str());
        return answer.json();
    }
    /// The QR code's text, as if the server were reached at another port.
    static QString qrAt(const base::Json &invitation, std::uint16_t port)
    {
        auto code = *protocol::parsePairingCode(textOf(invitation, "qr"));
        code.server = "http://127.0.0.1:" + std::to_string(port);
        return QString::fromStdString(protocol::textOf(code));
    }

    base::Json devices(const std::string &status) const
    {
        return http().get("/v1/devices?status=" + status, token).json().at("data");
    }
    int approve(const std::string &device, const std::string &digits)
    {
        return http().post("/v1/devices/" + device + "/approve", {{"digits", digits}}, token).status;
    }
    int revoke(const std::string &device)
    {
        const int status = http().post("/v1/devices/" + device + "/revoke", {{"reason", "lost"}}, token).status;
        // Another server believes what it knows of a device for a second more.
        if (worldOfTests() == World::Pair)
            QTest::qSleep(1'500);
        return status;
    }

    /// Pairs a device in a folder, as somebody who compares the digits and approves. Its id; empty when that failed.
    std::string pair(const QString &data, const QString &qr)
    {
        QProcess pairing;
        pairing.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        pairing.start(program("voelgoed-gate"), {"pair", "--data", data, "--qr", qr, "--json"});
        const std::string device = approveWhatIsShown(pairing);
        return !device.empty() && pairing.waitForFinished(30'000) && pairing.exitCode() == 0 ? device : std::string();
    }
    std::string pair(const QString &data, const base::Uuid &event, const std::string &gate = "north")
    {
        return pair(data, QString::fromStdString(textOf(invite(event, gate), "qr")));
    }
    std::string approveWhatIsShown(QProcess &pairing)
    {
        if (!pairing.waitForReadyRead(30'000))
            return {};
        const std::string digits = jsonOf(pairing.readLine())["digits"].toString().toStdString();
        const base::Json pending = devices("pending");
        for (const base::Json &device : pending.as_array()) {
            if (textOf(device, "digits") == digits)
                return approve(textOf(device, "id"), digits) == 200 ? textOf(device, "id") : std::string();
        }
        return {};
    }

    /// Rows of an event in Postgres; `where` narrows them.
    int rows(const base::Uuid &event, const std::string &where = "true") const
    {
        return std::stoi(desk->execute("SELECT count(*) FROM scanning.scans WHERE event_id = '" + base::toText(event) +
                                       "' AND " + where));
    }

private:
    base::SeededRandom m_random{5};
    gate::PracticeKeys m_keys = gate::PracticeKeys::make(m_random);
    std::uint32_t m_shortId = 100;
};

} // namespace voelgoed::integration

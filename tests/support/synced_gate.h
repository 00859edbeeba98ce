#pragma once

#include "device/core/sync/exchanger.h"
#include "tests/support/practice_gate.h"
#include "tests/support/script_transport.h"
#include "tests/support/sync_server.h"

#include "shared/ticket/foreign.h"

#include <QTemporaryDir>

#include <memory>
#include <optional>
#include <string>

namespace voelgoed::support {

inline protocol::ListedTicket codedTicket(std::uint32_t ordinal, const std::string &code)
{
    return {.ticket = {.ordinal = {ordinal}, .type = {"adult"}},
            .codes = {{ticket::foreignHash(code), 0, protocol::CodeKind::Foreign, false}}};
}

/// A gate and its server with a network between them that a test holds in its hand; tickets 1 to `tickets` with the
/// codes CODE-1 and so on.
struct SyncedGate
{
    CrashDisk disk;
    PracticeGate gate;
    base::SigningKey identity = *base::SigningKey::fromSeed(base::Bytes(32, std::byte{77}));
    FeedServer feed;
    SyncServer server;
    ScriptTransport network;
    QTemporaryDir folder;
    std::shared_ptr<const sync::Parties> parties;
    std::optional<profile::Enrolment> saved;
    bool keeps = true; ///< false: what it is told cannot be saved
    std::uint32_t boot = 0;
    std::unique_ptr<scan::Engine> engine;
    std::unique_ptr<sync::Exchanger> exchanger;

    explicit SyncedGate(std::uint32_t tickets = 5, std::uint64_t seed = 7)
        : disk("synced", seed),
          gate(disk, 1),
          feed({"practice"}, gate.definition, identity),
          server(feed, identity, gate.identity.device, gate.identity.signing.publicKey()),
          network([this](const client::Request &request) { return server.answer(request); }),
          parties(std::make_shared<sync::Parties>(
              sync::Parties{.device = gate.identity.device,
                            .signing = gate.identity.signing,
                            .server = *base::VerifyingKey::fromRaw(identity.publicKey())}))
    {
        server.now = gate.clock.reading.wall;
        network.holds = [this](const client::Request &request) { return server.holds(request); };
        for (std::uint32_t n = 1; n <= tickets; ++n)
            feed.put(codedTicket(n, "CODE-" + std::to_string(n)));
    }

    /// False when it cannot start: the disk is dark.
    bool start()
    {
        stop();
        auto started = gate.start();
        if (!started)
            return false;
        engine = std::move(*started);
        profile::Enrolment enrolment =
            saved.value_or(profile::Enrolment{.server = "https://server.example",
                                              .assignment = {.organization = {"org"},
                                                             .events = {{"practice"}},
                                                             .gate = {"north"},
                                                             .checkpoint = {"main"},
                                                             .server = identity.publicKey()}});
        exchanger = std::make_unique<sync::Exchanger>(
            sync::ExchangerOptions{.folder = folder.path().toStdString(),
                                   .enrolment = std::move(enrolment),
                                   .boot = {++boot},
                                   .software = "test",
                                   .dataKey = gate.identity.dataKey},
            parties, *engine, network, gate.clock, gate.random, [this](const profile::Enrolment &now) {
                if (!keeps)
                    return base::Result<void>(base::Error{base::ErrorCode::Unavailable, "the disk is full", {}});
                saved = now;
                return base::Result<void>();
            });
        return true;
    }
    void stop()
    {
        exchanger.reset();
        engine.reset();
    }

    void pass(base::Milliseconds time)
    {
        gate.clock.pass(time);
        server.now += time;
    }
    /// Turns, lets everything through, and lets time pass, so many times.
    void run(int rounds, base::Milliseconds each = std::chrono::milliseconds(10))
    {
        for (int i = 0; i < rounds; ++i) {
            exchanger->turn();
            network.deliverAll();
            pass(each);
        }
        exchanger->turn();
    }
    /// From nothing to a gate that has its list and stands at its post.
    void bring()
    {
        base::ensure(start(), "the gate starts");
        run(30);
        base::ensure(engine->list() != nullptr, exchanger->report().trouble.c_str());
        const auto taken = engine->takePost({.checkpoint = {"main"}, .gate = {"north"}});
        base::ensure(static_cast<bool>(taken), "the gate's post");
        run(10);
    }

    domain::Reason scan(const std::string &code)
    {
        const domain::Reason reason = present(*engine, code).reason;
        engine->shown();
        return reason;
    }
    /// Every row of the gate is at the server as it was made, and the lists are the same.
    bool agree()
    {
        const auto rows = engine->vault().journal().rowsAfter({}, 1'000'000);
        if (!rows || rows->size() != server.rows.size())
            return false;
        for (const journal::StoredRow &row : *rows) {
            const auto there = server.rows.find(row.row.key);
            if (there == server.rows.end() || there->second != row.bytes)
                return false;
        }
        const auto &head = engine->list()->head;
        return head.cursor.sequence == feed.head() && head.checksum == feed.checksum() && server.complaints.empty();
    }
};

} // namespace voelgoed::support

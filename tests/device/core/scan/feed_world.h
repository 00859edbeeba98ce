#pragma once

#include "shared/ticket/foreign.h"
#include "tests/support/feed_server.h"
#include "tests/support/practice_gate.h"

#include <unistd.h>

#include <fstream>

/// A gate and the server whose feed it follows, for tests.
namespace voelgoed::support {

inline const domain::EventId kEvent{"practice"};

inline protocol::ListedTicket ticketWith(std::uint32_t ordinal, const std::vector<std::string> &codes)
{
    protocol::ListedTicket listed{.ticket = {.ordinal = {ordinal}, .type = {"adult"}}, .codes = {}};
    for (const std::string &code : codes)
        listed.codes.push_back({ticket::foreignHash(code), 0, protocol::CodeKind::Foreign, false});
    return listed;
}

inline protocol::PassageRecord passageOf(std::uint32_t ordinal, std::uint64_t sequence,
                                         const std::string &device = "other")
{
    return {.row = {{device}, {1}, {sequence}},
            .ordinal = {ordinal},
            .checkpoint = {"main"},
            .gate = {"south"},
            .at = *base::parseInstant("2026-12-05T17:30:00Z")};
}

/// A gate that loaded a server's list, and the server.
struct World
{
    support::CrashDisk disk{"feed", 7};
    support::PracticeGate gate{disk, 1};
    support::FeedServer server{kEvent, gate.definition, gate.keys.bundle};
    std::unique_ptr<scan::Engine> engine;

    explicit World(std::uint32_t tickets = 3)
    {
        for (std::uint32_t n = 1; n <= tickets; ++n)
            server.put(ticketWith(n, {"CODE-" + std::to_string(n)}));
        restart();
        load();
        restart();
    }
    void restart()
    {
        engine.reset();
        auto started = gate.start();
        base::ensure(static_cast<bool>(started), started ? "" : started.error().message.c_str());
        engine = std::move(*started);
    }
    void load()
    {
        char path[] = "/tmp/voelgoed-feed-XXXXXX";
        const int file = ::mkstemp(path);
        base::ensure(file >= 0, "a temporary file");
        ::close(file);
        std::ofstream(path, std::ios::binary) << server.bundle(gate.opens);
        const auto loaded = support::loadBundle(*engine, path);
        ::unlink(path);
        base::ensure(static_cast<bool>(loaded), loaded ? "" : loaded.error().message.c_str());
    }
    base::Result<void> apply(const protocol::FeedSlice &slice)
    {
        return engine->applyFeed(
            {.epoch = slice.epoch, .through = slice.through, .changes = slice.changes, .resume = slice.cursor}, {});
    }
    void catchUp()
    {
        const auto applied = apply(server.slice(engine->list()->head.cursor.sequence, 10'000));
        base::ensure(static_cast<bool>(applied), applied ? "" : applied.error().message.c_str());
    }
    domain::Reason now(const std::string &code)
    {
        const base::ByteView bytes = base::bytesOf(code);
        const auto examined = engine->examine({.code = {bytes.begin(), bytes.end()}}, engine->post());
        return examined ? examined->now.reason : domain::Reason::Fault;
    }
    /// What the gate holds is what the server has, in the file and after a new start.
    bool agrees()
    {
        const auto &head = engine->list()->head;
        return head.cursor == protocol::Cursor{kEvent, server.epoch, server.head()} &&
               head.checksum == server.checksum() && head.history == *server.slice(server.head()).history &&
               engine->vault().replica().verify() && engine->vault().journal().verify();
    }
};

} // namespace voelgoed::support

#include "tests/support/practice_gate.h"

#include "device/core/replica/bundle_load.h"
#include "shared/protocol/bundle_builder.h"

#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace voelgoed::support {

PracticeGate::PracticeGate(CrashDisk &disk, std::uint32_t tickets)
    : identity{.device = {"device-1"}, .signing = base::SigningKey::generate(random)},
      keys(gate::PracticeKeys::make(random)),
      m_disk(disk)
{
    const base::Instant opens = *base::parseInstant("2026-12-05T16:00:00Z");
    gate::PracticeEvent event(keys, opens, random);
    protocol::BundleBuilder builder(event.definition());
    for (std::uint32_t n = 1; n <= tickets; ++n) {
        const auto ticket = event.signedTicket({n}, gate::PracticeEvent::Code::Sign);
        builder.add(ticket.listed);
        m_signed.push_back(ticket.code);
        m_typed.push_back(ticket.typed);
    }
    for (std::uint32_t n = 1; n <= tickets; ++n) {
        const auto ticket = event.foreignTicket({tickets + n});
        builder.add(ticket.listed);
        m_foreign.push_back(ticket.code);
    }
    const auto parts = builder.finish({.cursor = {{"practice"}, 1, 1 + 2 * tickets}, .madeAt = opens}, keys.bundle);
    char path[] = "/tmp/voelgoed-bundle-XXXXXX";
    const int file = ::mkstemp(path);
    base::ensure(file >= 0, "a temporary file for the bundle");
    ::close(file);
    m_bundle = path;
    std::ofstream out(m_bundle, std::ios::binary);
    out << base::textOf(parts.head);
    for (const base::Bytes &chunk : parts.chunks)
        out << base::textOf(chunk);
}

base::Result<std::unique_ptr<scan::Engine>> PracticeGate::start()
{
    auto engine =
        scan::Engine::open({.path = "gate.db", .rescue = "rescue.log", .vfs = m_disk.name()}, identity, clock, random);
    if (!engine)
        return engine;
    if ((*engine)->list()) {
        if (auto taken = (*engine)->takePost({.checkpoint = {"main"}, .gate = {"north"}}); !taken)
            return taken.error();
    }
    return engine;
}

base::Result<void> PracticeGate::load()
{
    auto engine = start();
    if (!engine)
        return engine.error();
    auto loaded = loadBundle(**engine, m_bundle);
    ::unlink(m_bundle.c_str());
    return loaded;
}

base::Result<void> loadBundle(scan::Engine &engine, const std::string &path)
{
    auto file = replica::BundleFile::open(path);
    if (!file)
        return file.error();
    index::TicketIndex tickets;
    const replica::BundleLoad::Sink sink = [&](const replica::IndexedTicket &ticket) {
        return tickets.add(ticket.ordinal, ticket.codes, ticket.addonOf);
    };
    vault::Vault &vault = engine.vault();
    auto load = replica::BundleLoad::begin(vault.database(), vault.replica(), *file, sink);
    if (!load)
        return load.error();
    while (!load->isComplete()) {
        if (auto stepped = load->step(sink); !stepped)
            return stepped;
    }
    if (auto finished = load->finish(); !finished)
        return finished;
    return engine.adoptList(std::move(tickets));
}

} // namespace voelgoed::support

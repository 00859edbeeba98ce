#include "tests/support/list_gate.h"

#include "device/core/replica/bundle_load.h"
#include "shared/protocol/bundle_builder.h"
#include "shared/ticket/foreign.h"

#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace voelgoed::support {

ListGate::ListGate(std::string vfs)
    : identity{.device = {"device-1"}, .signing = base::SigningKey::generate(random)},
      keys(gate::PracticeKeys::make(random)),
      event(keys, opens, random),
      definition(event.definition()),
      m_vfs(std::move(vfs))
{}

void ListGate::addForeign(std::uint32_t ordinal, const std::string &code, std::uint8_t generation)
{
    list.push_back({.ticket = {.ordinal = {ordinal}, .generation = generation, .type = {"adult"}},
                    .codes = {{ticket::foreignHash(code), generation, protocol::CodeKind::Foreign, false}}});
}

gate::PracticeTicket ListGate::addSigned(std::uint32_t ordinal)
{
    auto ticket = event.signedTicket({ordinal}, gate::PracticeEvent::Code::Sign);
    list.push_back(ticket.listed);
    return ticket;
}

base::Result<std::unique_ptr<scan::Engine>> ListGate::start()
{
    auto engine =
        scan::Engine::open({.path = "gate.db", .rescue = "rescue.log", .vfs = m_vfs}, identity, clock, random);
    if (!engine)
        return engine;
    if ((*engine)->list()) {
        if (auto taken = (*engine)->takePost({.checkpoint = {"main"}, .gate = {"north"}}); !taken)
            return taken.error();
    }
    return engine;
}

std::string ListGate::writeBundle()
{
    protocol::BundleBuilder builder(definition);
    for (const protocol::ListedTicket &listed : list)
        builder.add(listed);
    m_sequence += 1 + list.size();
    const auto parts = builder.finish({.cursor = {{"practice"}, 1, m_sequence}, .madeAt = opens}, keys.bundle);
    char path[] = "/tmp/voelgoed-bundle-XXXXXX";
    const int file = ::mkstemp(path);
    base::ensure(file >= 0, "a temporary file for the bundle");
    ::close(file);
    std::ofstream out(path, std::ios::binary);
    out << base::textOf(parts.head);
    for (const base::Bytes &chunk : parts.chunks)
        out << base::textOf(chunk);
    return path;
}

base::Result<void> ListGate::loadInto(scan::Engine &engine)
{
    const std::string bundle = writeBundle();
    auto loaded = loadBundle(engine, bundle);
    ::unlink(bundle.c_str());
    return loaded;
}

base::Result<void> ListGate::load()
{
    auto engine = start();
    if (!engine)
        return engine.error();
    return loadInto(**engine);
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
    if (auto refreshed = engine.refresh(); !refreshed)
        return refreshed;
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

#include "device/gate/jobs.h"

#include "device/core/replica/bundle_load.h"
#include "device/core/replica/holder_names.h"
#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::gate {

namespace {

using base::Result;

constexpr std::size_t kTellEvery = 50; ///< chunks, 100,000 tickets

base::Error untrusted(const base::PublicKey &signer)
{
    return {base::ErrorCode::Unauthorized,
            "this bundle is signed by " + base::fingerprint(signer) + ", whom this folder does not trust",
            "If that is who it should be, say --trust with the key, or --yes on a first load."};
}

/// A bundle into the file, a chunk a step; then at once into force.
class LoadJob final : public Job
{
public:
    LoadJob(const LoadRequest &request, const Workplace &place) : m_request(request), m_place(place) {}

    State step(Output &output) override
    {
        const Result<State> state = m_load ? advance(output) : m_known ? compare(output) : begin(output);
        if (state)
            return *state;
        output.err += errorLines(state.error());
        m_status = state.error().code == base::ErrorCode::Unauthorized ? 3 : 2;
        return State::Done;
    }
    int exitStatus() const override { return m_status; }

private:
    replica::BundleLoad::Sink sink()
    {
        return [this](const replica::IndexedTicket &ticket) {
            return m_index.add(ticket.ordinal, ticket.codes, ticket.addonOf);
        };
    }

    Result<void> trust(Output &output)
    {
        const base::PublicKey &signer = m_file->manifest().signer;
        const auto same = [&](base::ByteView key) {
            return std::equal(key.begin(), key.end(), signer.begin(), signer.end());
        };
        if (m_request.trust)
            return same(*m_request.trust) ? Result<void>() : Result<void>(untrusted(signer));
        const auto trusted = m_place.engine.vault().replica().trustedSigner();
        if (!trusted)
            return trusted.error();
        if (*trusted)
            return same(**trusted) ? Result<void>() : Result<void>(untrusted(signer));
        output.err += "Signed by " + base::fingerprint(signer) + ". This folder trusts nobody yet.\n";
        if (m_request.consent == LoadRequest::Consent::Given)
            return {};
        return base::Error{base::ErrorCode::Unauthorized, "nobody said that this signer is to be trusted",
                           "Compare the fingerprint with the organizer's, then load again with --yes."};
    }

    Result<State> begin(Output &output)
    {
        if (auto refreshed = m_place.engine.refresh(); !refreshed)
            return refreshed.error();
        auto file = replica::BundleFile::open(m_request.bundle);
        if (!file)
            return file.error();
        m_file.emplace(std::move(*file));
        if (auto trusted = trust(output); !trusted)
            return trusted.error();
        const protocol::Manifest &manifest = m_file->manifest();
        const auto &head = m_place.engine.vault().replica().head();
        if (head && head->cursor == manifest.cursor && head->checksum == manifest.checksum) {
            m_known = true;
            return State::More;
        }
        // A list that could not be used must never come into force.
        const auto usable = scan::ListInForce::make({.definition = manifest.definition});
        if (!usable)
            return usable.error().at(m_request.bundle);
        if (const scan::ListInForce *list = m_place.engine.list();
            list && list->definition.keys.event != usable->definition.keys.event)
            return base::Error{
                base::ErrorCode::Conflict,
                "this folder serves another event of the same name, and its tickets' numbers mean others",
                "Use a folder of its own for another event."};
        m_names = usable->definition.event.policy.namesOnDevices;
        m_index.reserve(manifest.tickets);
        vault::Vault &vault = m_place.engine.vault();
        auto load = replica::BundleLoad::begin(vault.database(), vault.replica(), *m_file, sink());
        if (!load)
            return load.error();
        m_load.emplace(std::move(*load));
        m_openings = vault.openings();
        if (m_names)
            m_load->setSealName(replica::sealNamesWith(m_place.identity.dataKey, m_place.random));
        if (m_load->progress().chunksDone > 0)
            output.err += "Going on after " + std::to_string(m_load->progress().tickets) + " tickets.\n";
        return State::More;
    }

    /// Nothing to load; whoever checks a copy of the bundle is to know whether it is whole.
    Result<State> compare(Output &output)
    {
        const protocol::Manifest &manifest = m_file->manifest();
        if (m_compared < manifest.chunks.size()) {
            if (auto chunk = m_file->chunk(m_compared++); !chunk)
                return chunk.error();
            return State::More;
        }
        output.out += "This list is loaded already: " + std::to_string(manifest.tickets) + " tickets.\n";
        return State::Done;
    }

    Result<State> advance(Output &output)
    {
        if (m_place.engine.vault().openings() != m_openings)
            return base::Error{base::ErrorCode::Unavailable, "the device's storage failed in the middle of the load",
                               "The old list is in force. Load again: it goes on where it stopped."};
        if (!m_load->isComplete()) {
            if (auto stepped = m_load->step(sink()); !stepped)
                return stepped.error();
            const replica::LoadProgress &progress = m_load->progress();
            if (progress.chunksDone % kTellEvery == 0)
                output.err += std::to_string(progress.tickets) + " of " + std::to_string(m_file->manifest().tickets) +
                              " tickets\n";
            return State::More;
        }
        if (auto finished = m_load->finish(); !finished)
            return finished.error();
        if (auto adopted = m_place.engine.adoptList(std::move(m_index)); !adopted)
            return adopted.error();
        vault::Vault &vault = m_place.engine.vault();
        if (auto swept = replica::sweep(vault.database(), vault.replica()); !swept)
            return swept.error();
        const scan::ListInForce *list = m_place.engine.list();
        output.out += "Loaded " + base::printable(list->definition.event.event.name) + ": " +
                      std::to_string(list->head.tickets) + " tickets, list " +
                      std::to_string(list->head.cursor.sequence) + ".\n";
        return State::Done;
    }

    LoadRequest m_request;
    Workplace m_place;
    std::optional<replica::BundleFile> m_file;
    std::optional<replica::BundleLoad> m_load;
    index::TicketIndex m_index;
    bool m_names = false;
    bool m_known = false; ///< the list is in force already
    std::size_t m_compared = 0;
    int m_openings = 0;
    int m_status = 0;
};

} // namespace

std::unique_ptr<Job> makeLoadJob(const LoadRequest &request, const Workplace &place)
{
    return std::make_unique<LoadJob>(request, place);
}

} // namespace voelgoed::gate

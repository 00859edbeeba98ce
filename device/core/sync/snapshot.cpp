#include "device/core/sync/snapshot.h"

#include "device/core/client/resumed_file.h"
#include "device/core/replica/holder_names.h"

#include <algorithm>

namespace voelgoed::sync {

using base::Result;

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kBundleMax = std::uint64_t{4} << 30;
constexpr base::Milliseconds kSilenceMax = 30s;
constexpr base::Milliseconds kFirstBackoff = 1s;
constexpr base::Milliseconds kLongestBackoff = 30s;

} // namespace

Snapshot::Snapshot(Place place, std::shared_ptr<const Parties> parties, scan::Engine &engine,
                   client::Transport &transport, base::Random &random)
    : m_place(std::move(place)),
      m_parties(std::move(parties)),
      m_engine(engine),
      m_transport(transport),
      m_random(random)
{}

Snapshot::~Snapshot()
{
    if (m_state == State::Fetching)
        m_transport.cancel(m_call);
}

void Snapshot::order(protocol::SnapshotReason reason, std::string path, domain::EventId event)
{
    if (isUnderWay())
        return;
    m_reason = reason;
    m_path = std::move(path);
    m_event = std::move(event);
    m_state = State::Waiting;
}

std::optional<Schedule::Time> Snapshot::due() const
{
    switch (m_state) {
    case State::Idle:
    case State::Fetching:
        return std::nullopt;
    case State::Waiting:
        return m_notBefore;
    case State::Fetched:
    case State::Loading:
        return Schedule::Time();
    }
    return std::nullopt;
}

std::uint64_t Snapshot::downloaded() const
{
    return isUnderWay() ? client::ResumedFile(file()).part().size : 0;
}

Result<bool> Snapshot::step(Schedule::Time now, const Stamp &stamp)
{
    const auto at = due();
    if (!at || *at > now)
        return false;
    if (m_state == State::Waiting && isThere()) {
        m_response = std::make_shared<std::optional<Result<client::Response>>>(client::Response{.status = 200});
        m_state = State::Fetched;
        return false;
    }
    if (m_state == State::Waiting) {
        fetch(stamp());
        return false;
    }
    if (m_state == State::Fetched) {
        auto fetched = looked();
        auto begun = fetched ? beginLoad() : fetched;
        if (!begun)
            return failed(begun.error(), now);
        m_state = State::Loading;
        return false;
    }
    auto done = loadOn();
    if (!done)
        return failed(done.error(), now);
    return done;
}

/// Whether an earlier program fetched all of it, and had no time to load it. The feed goes on from any.
bool Snapshot::isThere() const
{
    if (m_reason != protocol::SnapshotReason::First)
        return false;
    auto file = replica::BundleFile::open(this->file());
    if (!file)
        return false;
    const std::size_t chunks = file->manifest().chunks.size();
    return chunks == 0 || file->chunk(chunks - 1);
}

void Snapshot::fetch(const protocol::RequestStamp &stamp)
{
    m_response = std::make_shared<std::optional<Result<client::Response>>>();
    client::Request request{
        .target = m_path, .timeout = kSilenceMax, .download = client::Download{.path = file(), .sizeMax = kBundleMax}};
    m_call = m_transport.start(
        {.make = [request, stamp, parties = m_parties]() -> Result<client::Request> {
             return signedRequest(request, stamp, *parties);
         },
         .read = [response = m_response](Result<client::Response> got) { *response = std::move(got); }});
    m_state = State::Fetching;
}

bool Snapshot::take(client::CallId call)
{
    if (m_state != State::Fetching || call != m_call)
        return false;
    m_state = State::Fetched;
    return true;
}

Result<void> Snapshot::looked()
{
    const Result<client::Response> &response = **m_response;
    if (!response)
        return response.error();
    if (response->status != 200 && response->status != 206)
        return base::Error{base::ErrorCode::Unavailable,
                           "the server answered the download with status " + std::to_string(response->status),
                           {}};
    auto file = replica::BundleFile::open(this->file());
    if (!file)
        return file.error();
    m_file = std::make_unique<replica::BundleFile>(std::move(*file));
    if (m_file->manifest().signer != m_parties->server.raw())
        return base::Error{base::ErrorCode::Unauthorized, "a bundle that another server has signed", {}};
    if (m_file->manifest().cursor.event != m_event)
        return base::invalid("a bundle of another event");
    return {};
}

Result<void> Snapshot::beginLoad()
{
    if (auto refreshed = m_engine.refresh(); !refreshed)
        return refreshed;
    const protocol::Manifest &manifest = m_file->manifest();
    // A list that could not be used must never come into force.
    const auto usable = scan::ListInForce::make({.definition = manifest.definition});
    if (!usable)
        return usable.error().at("the event's bundle");
    if (const scan::ListInForce *list = m_engine.list();
        list && list->definition.keys.event != usable->definition.keys.event)
        return base::Error{base::ErrorCode::Conflict, "a bundle of another event of the same name", {}};
    m_index = {};
    m_index.reserve(manifest.tickets);
    vault::Vault &vault = m_engine.vault();
    using Age = replica::BundleLoad::Age;
    auto load = replica::BundleLoad::begin(vault.database(), vault.replica(), *m_file, sink(),
                                           m_reason == protocol::SnapshotReason::First ? Age::Newer : Age::Ordered);
    if (!load)
        return load.error();
    m_load.emplace(std::move(*load));
    m_openings = vault.openings();
    if (usable->definition.event.policy.namesOnDevices)
        m_load->setSealName(replica::sealNamesWith(m_place.dataKey, m_random));
    return {};
}

replica::BundleLoad::Sink Snapshot::sink()
{
    return [this](const replica::IndexedTicket &ticket) {
        return m_index.add(ticket.ordinal, ticket.codes, ticket.addonOf);
    };
}

Result<bool> Snapshot::loadOn()
{
    vault::Vault &vault = m_engine.vault();
    if (vault.openings() != m_openings)
        return base::Error{base::ErrorCode::Unavailable, "the device's storage failed in the middle of the load", {}};
    if (!m_load->isComplete()) {
        auto stepped = m_load->step(sink());
        return stepped ? Result<bool>(false) : Result<bool>(stepped.error());
    }
    if (auto finished = m_load->finish(); !finished)
        return finished.error();
    if (auto adopted = m_engine.adoptList(std::move(m_index)); !adopted)
        return adopted.error();
    m_index = {};
    discard();
    m_state = State::Idle;
    m_failures = 0;
    // What it replaced is only in the way; where that cannot be thrown away now, the next load does it.
    (void)replica::sweep(vault.database(), vault.replica());
    return true;
}

base::Error Snapshot::failed(base::Error error, Schedule::Time now)
{
    using Code = base::ErrorCode;
    const bool isTheFile = error.code == Code::Invalid || error.code == Code::Corrupt ||
                           error.code == Code::Unauthorized || error.code == Code::Conflict ||
                           error.code == Code::Unsupported;
    m_load.reset();
    if (isTheFile)
        discard();
    m_file.reset();
    m_state = State::Waiting;
    base::Milliseconds backoff =
        std::min<base::Milliseconds>(kFirstBackoff * (1 << std::min(m_failures, 5)), kLongestBackoff);
    backoff -= base::Milliseconds(m_random.below(static_cast<std::uint64_t>(backoff.count() / 2) + 1));
    m_notBefore = now + backoff;
    ++m_failures;
    return error;
}

void Snapshot::discard()
{
    m_load.reset();
    m_file.reset();
    client::ResumedFile(file()).forget();
}

} // namespace voelgoed::sync

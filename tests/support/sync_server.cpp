#include "tests/support/sync_server.h"

#include "device/core/client/resumed_file.h"
#include "shared/protocol/packing.h"
#include "shared/protocol/row.h"

#include <algorithm>

namespace voelgoed::support {

namespace {

std::string fieldOf(const client::Request &request, std::string_view name)
{
    for (const auto &[key, value] : request.fields) {
        if (key == name)
            return value;
    }
    return {};
}

} // namespace

SyncServer::SyncServer(FeedServer &feed, base::SigningKey identity, domain::DeviceId device,
                       const base::PublicKey &deviceKey)
    : m_feed(feed),
      m_identity(std::move(identity)),
      m_device(std::move(device)),
      m_deviceKey(*base::VerifyingKey::fromRaw(deviceKey))
{}

base::Result<client::Response> SyncServer::answer(const client::Request &request)
{
    const std::string device = fieldOf(request, protocol::kDeviceField), boot = fieldOf(request, protocol::kBootField),
                      counter = fieldOf(request, protocol::kCounterField),
                      signature = fieldOf(request, protocol::kSignatureField);
    const auto stamp =
        protocol::readStamp({.device = device, .boot = boot, .counter = counter, .signature = signature});
    if (!stamp) {
        complain("a request without a signature");
        return client::Response{.status = 401};
    }
    const base::Digest digest = protocol::requestDigest(
        {.method = request.method, .target = request.target, .body = request.body}, stamp->stamp);
    if (stamp->stamp.device != m_device || !protocol::requestHolds(digest, stamp->signature, m_deviceKey)) {
        complain("a request whose signature does not hold");
        return client::Response{.status = 401};
    }
    if (!m_window.take(stamp->stamp))
        return client::Response{.status = 409}; // a replay
    if (full)
        return client::Response{.status = 503, .fields = {{"retry-after", "7"}}};
    if (request.download)
        return snapshot(request);
    return exchange(request, digest);
}

base::Result<protocol::SyncRequest> SyncServer::read(const client::Request &request)
{
    if (fieldOf(request, "Content-Encoding") != "zstd")
        return protocol::decodeSyncRequest(request.body);
    const auto plain = protocol::unpack(request.body, protocol::kExchangeMax);
    if (!plain)
        return plain.error();
    return protocol::decodeSyncRequest(*plain);
}

bool SyncServer::holds(const client::Request &request)
{
    const auto question = request.download ? base::Result<protocol::SyncRequest>(base::invalid("none")) : read(request);
    if (!question || !question->position || !question->commands.empty() || full || revoked || order ||
        !commands.empty())
        return false;
    const std::string id = fieldOf(request, protocol::kBootField) + "/" + fieldOf(request, protocol::kCounterField);
    const base::Instant since = m_heldSince.emplace(id, now).first->second;
    return m_feed.sequenceOf(question->position->cursor) == m_feed.head() && now < since + question->wait;
}

client::Response SyncServer::exchange(const client::Request &request, const base::Digest &digest)
{
    ++exchanges;
    const auto decoded = read(request);
    if (!decoded) {
        complain(decoded.error().message);
        return {.status = 422};
    }
    last = *decoded;
    protocol::SyncReply reply{
        .at = now, .standing = revoked ? protocol::Standing::Revoked : protocol::Standing::Active, .pause = pause};
    takeRows(decoded->own, reply);
    for (const protocol::ShiftNote &shift : decoded->shifts)
        shifts[shift.session.text] = shift;
    for (const protocol::CommandResult &result : decoded->commands) {
        results.emplace(result.id, result);
        std::erase_if(commands, [&](const protocol::Command &command) { return command.id == result.id; });
    }
    if (!revoked) {
        reply.commands = commands;
        giveChanges(*decoded, reply);
    }
    if (spoil)
        spoil(reply);
    base::Bytes answer = protocol::encode(reply);
    client::Response response{.status = 200};
    if (answer.size() > 500) {
        answer = protocol::pack(answer);
        response.fields.emplace_back("content-encoding", "zstd");
    }
    response.fields.emplace_back(
        "voelgoed-signature", base::toBase64(protocol::signReply(digest, 200, answer, signAs ? *signAs : m_identity)));
    response.body = std::move(answer);
    return response;
}

void SyncServer::takeRows(const std::vector<protocol::Chain> &chains, protocol::SyncReply &reply)
{
    std::size_t taken = 0;
    for (const protocol::Chain &chain : chains) {
        if (chain.head.row.device != m_device || !protocol::headHolds(chain.head, m_deviceKey) ||
            protocol::vouchedFrom(chain) != 0)
            complain("rows that nobody vouches for");
        for (const base::Bytes &bytes : chain.rows) {
            if (taken++ == takeAtMost)
                return;
            const auto row = protocol::decodeRow(bytes);
            if (!row) {
                complain("a row that cannot be read");
                continue;
            }
            const auto [there, isNew] = rows.emplace(row->key, bytes);
            if (there->second != bytes)
                complain("another row of the same number");
            using enum protocol::RowOutcome;
            if (!isNew) {
                protocol::addOutcome(reply.outcomes, row->key, Repeat);
                continue;
            }
            const auto judged = revoked ? std::pair(Unverified, std::string())
                                : judge ? judge(*row)
                                        : std::pair(Accepted, std::string());
            protocol::addOutcome(reply.outcomes, row->key, judged.first, judged.second);
        }
        reply.acknowledged.push_back(chain.head.row);
    }
}

void SyncServer::giveChanges(const protocol::SyncRequest &request, protocol::SyncReply &reply)
{
    if (!request.position)
        return;
    ++listens;
    const auto at = m_feed.sequenceOf(request.position->cursor);
    if (order) {
        reply.snapshot = protocol::SnapshotOrder{*std::exchange(order, std::nullopt), "/v1/events/practice/snapshot"};
        return;
    }
    if (!at) {
        reply.snapshot = protocol::SnapshotOrder{protocol::SnapshotReason::Cursor, ""};
        return;
    }
    if (*at > request.position->sequence)
        complain("a cursor that is ahead of the list");
    reply.feed = m_feed.slice(*at, pageMax);
}

base::Result<client::Response> SyncServer::snapshot(const client::Request &request)
{
    ++snapshots;
    if (m_bundle.empty() || m_bundleHead != m_feed.head()) {
        m_bundle = m_feed.bundle(now);
        m_bundleHead = m_feed.head();
    }
    // What a transport does with ranges, in short.
    client::ResumedFile file(request.download->path);
    const std::string version = "\"" + std::to_string(m_bundleHead) + "\"";
    const auto part = file.part();
    const bool resumes = part.size > 0 && part.version == version && part.size < m_bundle.size();
    const std::size_t from = resumes ? part.size : 0;
    base::ensure(static_cast<bool>(resumes ? file.resume() : file.begin(version)), "a file for the download");
    const std::size_t size = std::min(m_bundle.size() - from, cutSnapshotAfter.value_or(SIZE_MAX));
    base::ensure(static_cast<bool>(file.write(base::bytesOf(m_bundle).subspan(from, size))), "a file's bytes");
    if (from + size < m_bundle.size())
        return base::Error{base::ErrorCode::Unavailable, "cut off", {}};
    return client::Response{.status = resumes ? 206 : 200};
}

} // namespace voelgoed::support

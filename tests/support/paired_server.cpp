#include "tests/support/paired_server.h"

#include "shared/protocol/packing.h"

#include <chrono>

namespace voelgoed::support {

namespace {

/// As the device made it, but for the names of the fields.
client::Request requestOf(const HttpRequest &request)
{
    client::Request made{.method = request.method, .target = request.target, .body = request.body};
    for (const std::string_view name : {protocol::kDeviceField, protocol::kBootField, protocol::kCounterField,
                                        protocol::kSignatureField, std::string_view("Content-Encoding")}) {
        std::string lower(name);
        for (char &c : lower)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (const std::string value = request.field(lower); !value.empty())
            made.fields.emplace_back(std::string(name), value);
    }
    return made;
}

base::Digest digestOf(const HttpRequest &request)
{
    const std::string device = request.field("voelgoed-device"), boot = request.field("voelgoed-boot"),
                      counter = request.field("voelgoed-counter"), signature = request.field("voelgoed-signature");
    const auto stamp =
        protocol::readStamp({.device = device, .boot = boot, .counter = counter, .signature = signature});
    if (!stamp)
        return {};
    return protocol::requestDigest({.method = request.method, .target = request.target, .body = request.body},
                                   stamp->stamp);
}

} // namespace

PairedServer::PairedServer(FeedServer &theFeed, const base::SigningKey &identity, Security security)
    : feed(theFeed), m_identity(identity)
{
    for (std::size_t i = 0; i < m_code.size(); ++i)
        m_code[i] = static_cast<std::byte>(0x40 + i);
    assignment.server = identity.publicKey();
    m_http = std::make_unique<HttpServer>([this](const HttpRequest &request) { return answer(request); },
                                          security == Security::Tls ? std::optional(identity) : std::nullopt);
}

PairedServer::~PairedServer()
{
    with([](PairedServer &server) { server.m_stopping = true; });
    m_http.reset();
}

protocol::PairingCode PairedServer::code() const
{
    return {.server = m_http->url(), .pin = m_identity.publicKey(), .code = m_code};
}

HttpAnswer PairedServer::answer(const HttpRequest &request)
{
    std::unique_lock lock(m_mutex);
    if (request.target == "/v1/devices/pair")
        return pair(request);
    if (request.target == "/v1/devices/pair/p-1") {
        m_changed.wait_for(lock, std::chrono::seconds(2),
                           [&] { return m_stopping || status.state != protocol::PairState::Pending; });
        if (status.state == protocol::PairState::Approved)
            status.assignment = assignment;
        return signedAnswer(request, protocol::toJson(status));
    }
    if (!sync)
        return {.status = 401};
    if (request.target == "/v1/sync")
        return exchange(request, lock);
    if (request.target.starts_with("/v1/events/"))
        return snapshot(request);
    return {.status = 404};
}

HttpAnswer PairedServer::signedAnswer(const HttpRequest &request, const std::string &body) const
{
    return {.fields = {{"Content-Type", "application/json"},
                       {"Voelgoed-Signature",
                        base::toBase64(protocol::signReply(digestOf(request), 200, base::bytesOf(body), m_identity))}},
            .body = body};
}

HttpAnswer PairedServer::pair(const HttpRequest &request)
{
    const auto asked = protocol::parsePairRequest(base::textOf(request.body));
    if (!asked || asked->code != m_code)
        return {.status = 404};
    pairing = *asked;
    sync = std::make_unique<SyncServer>(feed, m_identity, asked->device, asked->key);
    const std::string digits = protocol::pairingDigits(m_identity.publicKey(), asked->key, m_code);
    return signedAnswer(request, protocol::toJson({.pairing = "p-1",
                                                   .organization = "Fees",
                                                   .digits = spoiledDigits.empty() ? digits : spoiledDigits}));
}

HttpAnswer PairedServer::exchange(const HttpRequest &request, std::unique_lock<std::mutex> &lock)
{
    base::Bytes body = request.body;
    if (request.field("content-encoding") == "zstd") {
        if (auto plain = protocol::unpack(body, protocol::kExchangeMax))
            body = std::move(*plain);
    }
    if (const auto asked = protocol::decodeSyncRequest(body); asked && asked->position)
        m_changed.wait_for(lock, asked->wait, [&] {
            return m_stopping || feed.head() != asked->position->sequence || !sync->commands.empty() || sync->revoked;
        });
    sync->now = base::Instant(
        std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now().time_since_epoch() + clockAhead));
    const auto answered = sync->answer(requestOf(request));
    if (!answered)
        return {.status = 503};
    HttpAnswer answer{.status = answered->status, .body = std::string(base::textOf(answered->body))};
    for (const auto &[name, value] : answered->fields)
        answer.fields.emplace_back(name, value);
    return answer;
}

HttpAnswer PairedServer::snapshot(const HttpRequest &request)
{
    ++sync->snapshots;
    if (m_bundle.empty() || m_bundleHead != feed.head()) {
        m_bundle = feed.bundle(sync->now);
        m_bundleHead = feed.head();
    }
    const std::string &whole = m_bundle;
    const std::string version = "\"" + std::to_string(feed.head()) + "\"";
    const std::string range = request.field("range");
    HttpAnswer answer{.fields = {{"ETag", version}}, .body = whole, .cutAfter = sync->cutSnapshotAfter};
    if (range.empty() || request.field("if-range") != version)
        return answer;
    const std::size_t from = std::stoul(range.substr(6));
    if (from >= whole.size())
        return {.status = 416};
    answer.status = 206;
    answer.body = whole.substr(from);
    answer.fields.emplace_back("Content-Range", "bytes " + std::to_string(from) + "-" +
                                                    std::to_string(whole.size() - 1) + "/" +
                                                    std::to_string(whole.size()));
    return answer;
}

} // namespace voelgoed::support

#include "tests/integration/hand_device.h"

#include "shared/base/ensure.h"
#include "shared/base/text.h"
#include "shared/base/uuid.h"
#include "shared/protocol/bundle.h"
#include "shared/protocol/packing.h"
#include "shared/protocol/pairing.h"
#include "shared/protocol/row.h"
#include "shared/ticket/foreign.h"

#include <chrono>

namespace voelgoed::integration {

using support::PlainAnswer, support::PlainRequest;

namespace {

base::Instant now()
{
    return std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now());
}

std::string textOf(const base::Json &json, const char *name)
{
    return std::string(json.at(name).as_string());
}

base::SigningKey keyOf(std::uint64_t seed)
{
    base::SeededRandom random(seed);
    return base::SigningKey::generate(random);
}

/// A field of an answer's head, by its name as it is written there; empty where there is none.
std::string_view field(const PlainAnswer &answer, std::string_view name)
{
    const std::string begin = "\r\n" + std::string(name) + ": ";
    const auto at = answer.head.find(begin);
    if (at == std::string::npos)
        return {};
    const std::string_view rest = std::string_view(answer.head).substr(at + begin.size());
    return rest.substr(0, rest.find("\r\n"));
}

PlainRequest signedRequest(const char *method, std::string path, std::string body, const protocol::RequestStamp &stamp,
                           const base::SigningKey &key)
{
    PlainRequest request{.method = method, .path = std::move(path), .body = std::move(body)};
    const auto digest = protocol::requestDigest(
        {.method = request.method, .target = request.path, .body = base::bytesOf(request.body)}, stamp);
    request.fields = protocol::fieldsOf(stamp, protocol::signRequest(digest, key));
    return request;
}

} // namespace

HandDevice::HandDevice(support::PlainHttp http, const base::Json &invitation, const std::string &token,
                       std::uint64_t seed)
    : m_http(std::move(http)), m_key(keyOf(seed))
{
    base::SeededRandom random(seed + 1);
    m_id = {base::toText(base::makeUuid(now(), random))};
    const auto code = protocol::parsePairingCode(textOf(invitation, "qr"));
    base::ensure(bool(code), "the QR code of an invitation");
    m_server = code->pin;
    const protocol::PairRequest wanted{.code = code->code,
                                       .device = m_id,
                                       .key = m_key.publicKey(),
                                       .name = "By hand",
                                       .model = "test",
                                       .version = "1"};
    const auto asked = m_http.ask(
        signedRequest("POST", "/v1/devices/pair", protocol::toJson(wanted), {m_id, {1}, ++m_counter}, m_key));
    base::ensure(asked.status == 200, ("a device asks to be let in: " + asked.body).c_str());
    const auto reply = protocol::parsePairReply(asked.body);
    base::ensure(bool(reply), "an answer to a device");
    // Who lets it in sits elsewhere, where he signed in.
    const auto approved =
        m_http.from("127.0.0.1").post("/v1/devices/" + m_id.text + "/approve", {{"digits", reply->digits}}, token);
    base::ensure(approved.status == 200, ("a device is let in: " + approved.body).c_str());
}

std::optional<std::vector<protocol::Change>> HandDevice::download(const std::string &event)
{
    const auto heard =
        m_http.ask(signedRequest("GET", "/v1/events/" + event + "/snapshot", {}, {m_id, {2}, ++m_counter}, m_key));
    if (heard.status != 200)
        return std::nullopt;
    base::ByteView left = base::bytesOf(heard.body);
    const auto take = [&left](std::size_t size) {
        base::ensure(size <= left.size(), "a bundle that is whole");
        const base::ByteView taken = left.first(size);
        left = left.subspan(size);
        return taken;
    };
    const auto size = protocol::bundleHeadSize(take(protocol::kBundleHeaderSize));
    base::ensure(bool(size), "a bundle's header");
    const auto manifest = protocol::decodeBundleHead(take(*size));
    base::ensure(manifest && manifest->signer == m_server, "a bundle that the server signed");
    std::vector<protocol::Change> all;
    for (const protocol::BundleChunk &chunk : manifest->chunks) {
        take(4); // its length, which the manifest has as well
        auto page = protocol::unpackChunk(take(chunk.size), chunk);
        base::ensure(bool(page), "a bundle's chunk");
        all.insert(all.end(), std::make_move_iterator(page->begin()), std::make_move_iterator(page->end()));
    }
    return all;
}

support::PlainRequest HandDevice::prepared(std::string_view bytes)
{
    PlainRequest request = signedRequest("POST", "/v1/sync", std::string(bytes), {m_id, {2}, ++m_counter}, m_key);
    request.fields.emplace_back("Content-Type", std::string(protocol::kExchangeType));
    return request;
}

HandDevice::Answer HandDevice::send(const PlainRequest &request)
{
    const auto heard = m_http.ask(request);
    Answer answer{.status = heard.status, .code = heard.code(), .reply = {}};
    if (heard.status != 200)
        return answer;
    const auto at = [&](std::string_view name) -> std::string_view {
        for (const auto &[key, value] : request.fields) {
            if (key == name)
                return value;
        }
        return {};
    };
    const auto stamp = protocol::readStamp({.device = at(protocol::kDeviceField),
                                            .boot = at(protocol::kBootField),
                                            .counter = at(protocol::kCounterField),
                                            .signature = at(protocol::kSignatureField)});
    const auto server = base::VerifyingKey::fromRaw(m_server);
    const auto signature = base::fromBase64(field(heard, protocol::kSignatureField));
    base::ensure(stamp && server && signature, "an answer that is signed");
    const auto digest = protocol::requestDigest(
        {.method = request.method, .target = request.path, .body = base::bytesOf(request.body)}, stamp->stamp);
    base::ensure(protocol::replyHolds(digest, 200, base::bytesOf(heard.body), *signature, *server),
                 "an answer that this server has signed for this request");
    auto reply = protocol::decodeSyncReply(base::bytesOf(heard.body));
    base::ensure(bool(reply), "an answer that can be read");
    answer.reply = std::move(*reply);
    return answer;
}

HandDevice::Answer HandDevice::send(std::string_view bytes)
{
    return send(prepared(bytes));
}

HandDevice::Answer HandDevice::send(const protocol::SyncRequest &request)
{
    return send(base::textOf(protocol::encode(request)));
}

domain::Row HandDevice::scan(const std::string &event, std::uint32_t ordinal)
{
    domain::ScanRecord scan;
    scan.checkpoint = {"main"};
    scan.gate = {"north"};
    scan.ordinal = {ordinal};
    scan.codeHash = ticket::foreignHash("CODE-" + std::to_string(ordinal));
    scan.form = domain::CodeForm::Foreign;
    scan.outcome = "admit";
    scan.reason = "ok";
    scan.session = {"by hand"};
    const auto sequence = ++m_sequence;
    return {.key = {m_id, {1}, {sequence}},
            .event = {event},
            .at = now(),
            .wall = now(),
            .sinceBoot = std::chrono::hours(1) + base::Milliseconds(sequence),
            .what = std::move(scan)};
}

protocol::Chain HandDevice::chain(std::vector<domain::Row> rows, const base::SigningKey *signer) const
{
    protocol::Chain chain;
    domain::RowHash previous{};
    for (domain::Row &row : rows) {
        row.previous = previous;
        chain.rows.push_back(protocol::encode(row));
        previous = protocol::hashOf(chain.rows.back());
    }
    chain.head = protocol::signedHead(rows.back().key, previous, signer ? *signer : m_key);
    return chain;
}

protocol::SyncRequest HandDevice::with(std::vector<protocol::Chain> own, const std::string &event) const
{
    return {.device = m_id,
            .event = {event},
            .own = std::move(own),
            .at = now(),
            .wall = now(),
            .sinceBoot = std::chrono::hours(2)};
}

} // namespace voelgoed::integration

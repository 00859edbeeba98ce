#include "tests/bench/server/scans.h"

#include "device/core/profile/enrolment.h"
#include "shared/base/crypto/system_random.h"
#include "shared/protocol/exchange_down.h"
#include "shared/protocol/packing.h"
#include "shared/protocol/request_signature.h"
#include "shared/protocol/row.h"
#include "shared/ticket/foreign.h"

namespace voelgoed::bench {

namespace {

constexpr std::size_t kSealedBytes = 48; ///< a code of twelve letters, sealed

std::string httpOf(const base::Bytes &body, const PairedDevice &device, const protocol::RequestStamp &stamp)
{
    const base::Digest digest = protocol::requestDigest({.method = "POST", .target = "/v1/sync", .body = body}, stamp);
    std::string text =
        "POST /v1/sync HTTP/1.1\r\nHost: bench\r\nContent-Type: " + std::string(protocol::kExchangeType) +
        "\r\nContent-Encoding: zstd\r\nAccept-Encoding: zstd\r\n";
    for (const auto &[name, value] : protocol::fieldsOf(stamp, protocol::signRequest(digest, device.identity.signing)))
        text += name + ": " + value + "\r\n";
    return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(base::textOf(body));
}

} // namespace

ScanMaker::ScanMaker(const PairedDevice &device) : m_device(device)
{
    m_boot = profile::nextRequestBoot(device.folder,
                                      std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now()));
    base::SystemRandom random;
    m_session = profile::makeUuid(random);
}

base::Bytes ScanMaker::row(const ScanSpan &span, std::size_t index)
{
    const base::Instant now = std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now());
    const auto ordinal = static_cast<std::uint32_t>(span.firstOrdinal + index);
    domain::ScanRecord scan{.checkpoint = {"main"},
                            .gate = {m_device.gate},
                            .ordinal = {ordinal},
                            .form = domain::CodeForm::Foreign,
                            .codeHash = ticket::foreignHash("CODE-" + std::to_string(ordinal)),
                            .session = {m_session},
                            .outcome = "admit",
                            .reason = "ok",
                            .listSequence = 1,
                            .explanation = "Welcome."};
    scan.sealNumber = span.firstSequence + index;
    // What is sealed cannot be packed, either.
    const base::Digest noise = base::sha256(base::bytesOf(m_session + std::to_string(ordinal)));
    scan.sealedCode.assign(noise.begin(), noise.end());
    scan.sealedCode.resize(kSealedBytes, noise.front());
    const base::Bytes bytes =
        protocol::encode(domain::Row{.key = {m_device.identity.device, {1}, {span.firstSequence + index}},
                                     .previous = m_previous,
                                     .event = {base::toText(m_device.event)},
                                     .at = now,
                                     .wall = now,
                                     .sinceBoot = base::Milliseconds(span.firstSequence + index),
                                     .clock = domain::ClockState::Anchored,
                                     .what = std::move(scan)});
    m_previous = protocol::hashOf(bytes);
    return bytes;
}

std::vector<std::string> ScanMaker::make(const ScanSpan &span)
{
    std::vector<std::string> requests;
    for (std::size_t batch = 0; batch < span.batches; ++batch) {
        const base::Instant now = std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now());
        protocol::SyncRequest request{.device = m_device.identity.device,
                                      .event = {base::toText(m_device.event)},
                                      .health = {.clock = domain::ClockState::Anchored, .software = "bench"},
                                      .at = now,
                                      .wall = now};
        protocol::Chain chain;
        for (std::size_t i = 0; i < span.rows; ++i)
            chain.rows.push_back(row(span, batch * span.rows + i));
        chain.head =
            protocol::signedHead({m_device.identity.device, {1}, {span.firstSequence + (batch + 1) * span.rows - 1}},
                                 m_previous, m_device.identity.signing);
        request.own.push_back(std::move(chain));
        requests.push_back(httpOf(protocol::pack(protocol::encode(request)), m_device,
                                  {.device = m_device.identity.device, .boot = m_boot, .counter = ++m_counter}));
    }
    return requests;
}

std::size_t acceptedIn(const std::string &answer)
{
    const std::size_t head = answer.find("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.1 200 ") || head == std::string::npos)
        return 0;
    base::ByteView body = base::bytesOf(answer).subspan(head + 4);
    base::Bytes plain(body.begin(), body.end());
    if (answer.substr(0, head).find("Content-Encoding: zstd") != std::string::npos) {
        auto unpacked = protocol::unpack(body, protocol::kExchangeMax);
        if (!unpacked)
            return 0;
        plain = std::move(*unpacked);
    }
    const auto reply = protocol::decodeSyncReply(plain);
    std::size_t accepted = 0;
    for (std::size_t i = 0; reply && i < reply->outcomes.size(); ++i)
        accepted += reply->outcomes[i].outcome == protocol::RowOutcome::Accepted ? reply->outcomes[i].count : 0;
    return accepted;
}

} // namespace voelgoed::bench

// Everything that devices and servers say to each other, read from hostile bytes. The first byte picks which.
#include "shared/protocol/cursor.h"
#include "shared/protocol/exchange_down.h"
#include "shared/protocol/packing.h"
#include "shared/protocol/pairing.h"
#include "shared/protocol/passage.h"
#include "shared/protocol/request_signature.h"
#include "shared/protocol/row.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>

namespace voelgoed::fuzz {

namespace {

using base::ByteView;

/// What is known of a message encodes to itself, and to nothing longer than what came.
template <class Value, class Decode>
void same(ByteView bytes, const Value &value, Decode decode)
{
    const base::Bytes known = protocol::encode(value);
    ensure(known.size() <= bytes.size(), "a value that encodes to more than it was decoded from");
    if (known.size() == bytes.size())
        ensure(base::textOf(known) == base::textOf(bytes), "two spellings of one message");
    const auto again = decode(known);
    ensure(again && *again == value, "a value that is another one after a journey");
}

void request(ByteView bytes)
{
    const auto read = protocol::decodeSyncRequest(bytes);
    if (!read)
        return;
    same(bytes, *read, protocol::decodeSyncRequest);
    for (const protocol::Chain &chain : read->own)
        ensure(protocol::vouchedFrom(chain) <= chain.rows.size(), "more rows vouched for than there are");
}

void reply(ByteView bytes)
{
    const auto read = protocol::decodeSyncReply(bytes);
    if (!read)
        return;
    const auto newer = [](const auto &item) { return item.what.index() == 0; };
    const bool isNewer = std::any_of(read->commands.begin(), read->commands.end(), newer) ||
                         (read->feed && std::any_of(read->feed->changes.begin(), read->feed->changes.end(), newer));
    if (!isNewer)
        same(bytes, *read, protocol::decodeSyncReply);
    if (!read->feed)
        return;
    std::uint64_t before = read->feed->after;
    for (const protocol::Change &change : read->feed->changes) {
        ensure(change.sequence > before && change.sequence <= read->feed->through, "changes out of order");
        before = change.sequence;
    }
}

void passage(ByteView bytes)
{
    if (const auto read = protocol::decodePassage(bytes))
        same(bytes, *read, protocol::decodePassage);
    (void)protocol::decodeLink(bytes);
}

void pairing(ByteView bytes)
{
    const std::string_view text = base::textOf(bytes);
    if (const auto code = protocol::parsePairingCode(text))
        ensure(protocol::textOf(*code) == text, "two spellings of one pairing code");
    if (const auto sent = protocol::parsePairRequest(text))
        ensure(*protocol::parsePairRequest(protocol::toJson(*sent)) == *sent, "a request that changes");
    if (const auto answer = protocol::parsePairReply(text))
        ensure(*protocol::parsePairReply(protocol::toJson(*answer)) == *answer, "an answer that changes");
    if (const auto status = protocol::parsePairStatus(text))
        ensure(*protocol::parsePairStatus(protocol::toJson(*status)) == *status, "a status that changes");
}

void stamp(ByteView bytes)
{
    // Four lines.
    std::string_view rest = base::textOf(bytes);
    std::array<std::string_view, 4> lines;
    for (std::string_view &line : lines) {
        line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
    const auto read =
        protocol::readStamp({.device = lines[0], .boot = lines[1], .counter = lines[2], .signature = lines[3]});
    if (!read)
        return;
    const auto fields = protocol::fieldsOf(read->stamp, read->signature);
    for (std::size_t i = 0; i < lines.size(); ++i)
        ensure(fields[i].second == lines[i], "two spellings of one field");
}

void sealed(ByteView bytes)
{
    ensure(!protocol::openCursor(bytes, {}, base::sha256(base::bytesOf("nobody's"))), "a forged cursor");
    if (const auto plain = protocol::unpack(bytes, 1 << 20))
        ensure(plain->size() <= 1 << 20, "more than was asked for");
}

} // namespace

void fuzzOne(ByteView input)
{
    if (input.empty())
        return;
    const ByteView bytes = input.subspan(1);
    switch (std::to_integer<int>(input[0]) % 6) {
    case 0:
        request(bytes);
        break;
    case 1:
        reply(bytes);
        break;
    case 2:
        passage(bytes);
        break;
    case 3:
        pairing(bytes);
        break;
    case 4:
        stamp(bytes);
        break;
    default:
        sealed(bytes);
        break;
    }
}

} // namespace voelgoed::fuzz

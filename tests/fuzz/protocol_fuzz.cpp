// Every message of ours: what decodes encodes to the same bytes, whatever it was made of. The first byte picks which.
#include "shared/protocol/bundle.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/feed.h"
#include "shared/protocol/row.h"
#include "shared/protocol/ticket.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

namespace {

/// A newer peer's fields are carried as bytes, not through values: without them the encoding is shorter, and never
/// other. What it then says is the same, and says itself.
template <class Value, class Decode>
void same(base::ByteView bytes, Decode decode)
{
    const base::Result<Value> value = decode(bytes);
    if (!value)
        return;
    const base::Bytes known = protocol::encode(*value);
    base::ensure(known.size() <= bytes.size(), "a value that encodes to more than it was decoded from");
    if (known.size() == bytes.size())
        base::ensure(base::textOf(known) == base::textOf(bytes), "two spellings of one message");
    const base::Result<Value> again = decode(known);
    base::ensure(again && *again == *value, "a value that is another one after a journey");
    base::ensure(protocol::encode(*again) == known, "an encoding that changes with each journey");
}

} // namespace

void fuzzOne(base::ByteView input)
{
    if (input.empty())
        return;
    const base::ByteView bytes = input.subspan(1);
    switch (std::to_integer<int>(input[0]) % 5) {
    case 0:
        same<protocol::Definition>(bytes, protocol::decodeDefinition);
        break;
    case 1:
        same<protocol::ListedTicket>(bytes, protocol::decodeTicket);
        break;
    case 2:
        same<domain::Row>(bytes, protocol::decodeRow);
        break;
    case 3:
        (void)protocol::decodePage(bytes);
        break;
    default:
        if (const auto rest = protocol::bundleHeadSize(bytes); rest && bytes.size() >= protocol::kBundleHeaderSize)
            (void)protocol::decodeBundleHead(bytes.subspan(protocol::kBundleHeaderSize));
        break;
    }
}

} // namespace voelgoed::fuzz

// Every message of ours: what decodes encodes to the same bytes, whatever it was made of. The first byte picks which.
#include "shared/protocol/bundle.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/feed.h"
#include "shared/protocol/row.h"
#include "shared/protocol/ticket.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

namespace {

/// A newer peer's fields are carried as bytes, not through values: they make the encoding shorter, and never other.
template <class Value>
void same(const base::Result<Value> &value, base::ByteView bytes)
{
    if (!value)
        return;
    const base::Bytes again = protocol::encode(*value);
    base::ensure(again.size() <= bytes.size(), "a value that encodes to more than it was decoded from");
    if (again.size() == bytes.size())
        base::ensure(base::textOf(again) == base::textOf(bytes), "two spellings of one message");
}

} // namespace

void fuzzOne(base::ByteView input)
{
    if (input.empty())
        return;
    const base::ByteView bytes = input.subspan(1);
    switch (std::to_integer<int>(input[0]) % 5) {
    case 0:
        same(protocol::decodeDefinition(bytes), bytes);
        break;
    case 1:
        same(protocol::decodeTicket(bytes), bytes);
        break;
    case 2:
        same(protocol::decodeRow(bytes), bytes);
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

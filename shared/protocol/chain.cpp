#include "shared/protocol/chain.h"

#include "shared/protocol/row.h"
#include "shared/protocol/text_builder.h"

namespace voelgoed::protocol {

namespace {

constexpr std::string_view kPrefix{"VG-CHAIN-1\0", 11};

base::Bytes signedText(const domain::RowKey &row, const domain::RowHash &hash)
{
    return TextBuilder(kPrefix)
        .putSized(row.device.view())
        .number(row.epoch.value)
        .number(row.sequence.value)
        .put(hash)
        .bytes();
}

} // namespace

ChainHead signedHead(const domain::RowKey &row, const domain::RowHash &hash, const base::SigningKey &device)
{
    return {.row = row, .hash = hash, .signature = device.sign(signedText(row, hash))};
}

bool headHolds(const ChainHead &head, const base::VerifyingKey &device)
{
    return device.verify(signedText(head.row, head.hash), head.signature);
}

std::size_t vouchedFrom(const Chain &chain)
{
    domain::RowHash expected = chain.head.hash;
    domain::RowKey key = chain.head.row;
    std::size_t from = chain.rows.size();
    while (from > 0) {
        const base::Bytes &bytes = chain.rows[from - 1];
        const auto link = decodeLink(bytes);
        if (!link || link->key != key || hashOf(bytes) != expected)
            break;
        --from;
        expected = link->previous;
        --key.sequence.value; // which is at least 1, or the row would not decode
    }
    return from;
}

} // namespace voelgoed::protocol

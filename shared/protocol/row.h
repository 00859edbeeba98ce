#pragma once

#include "shared/base/bytes.h"
#include "shared/domain/row.h"

namespace voelgoed::protocol {

/// The message `Row` of row.proto.
base::Bytes encode(const domain::Row &row);
base::Result<domain::Row> decodeRow(base::ByteView bytes);

/// What a row is linked by. It can be read of rows whose contents only a newer peer knows.
struct RowLink
{
    domain::RowKey key;
    domain::RowHash previous{};

    friend bool operator==(const RowLink &, const RowLink &) = default;
};
base::Result<RowLink> decodeLink(base::ByteView bytes);

/// SHA-256 of a row's bytes: what the device's next row names as `previous`, so that no row can be changed, dropped or
/// put elsewhere unseen.
domain::RowHash hashOf(base::ByteView row);

} // namespace voelgoed::protocol

#pragma once

#include "shared/base/bytes.h"
#include "shared/domain/row.h"

namespace voelgoed::protocol {

/// The message `Row` of row.proto.
base::Bytes encode(const domain::Row &row);
base::Result<domain::Row> decodeRow(base::ByteView bytes);

/// SHA-256 of a row's bytes: what the device's next row names as `previous`, so that no row can be changed, dropped or
/// put elsewhere unseen.
domain::RowHash hashOf(base::ByteView row);

} // namespace voelgoed::protocol

#pragma once

#include "shared/protocol/bundle.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/row.h"
#include "shared/protocol/ticket.h"

/// One message of each kind in which every field says something, and none what it says when it is left out.
namespace voelgoed::sample {

protocol::Definition definition();
protocol::ListedTicket ticket();
protocol::ListedTicket plainTicket();
domain::Row scanRow();
domain::Row undoRow();
std::vector<protocol::Change> page();

base::SigningKey signer();
protocol::Manifest manifest();

/// Signed as encodeBundleHead() signs, whatever the manifest's bytes are.
base::Bytes headAround(base::ByteView manifest, const base::SigningKey &key);

/// The manifest's own bytes in what encodeBundleHead() gives.
base::Bytes manifestIn(base::ByteView head);

/// A field that no version so far knows: number 500, a text.
base::Bytes withUnknownField(base::Bytes message);

} // namespace voelgoed::sample

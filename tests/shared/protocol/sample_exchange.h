#pragma once

#include "shared/protocol/exchange_down.h"
#include "shared/protocol/pairing.h"
#include "shared/protocol/passage.h"
#include "tests/shared/protocol/sample_messages.h"

/// The messages of an exchange, as in sample_messages.h: every field of the first version 1 says something.
namespace voelgoed::sample {

protocol::PassageRecord passage();
protocol::SyncRequest request();
protocol::SyncReply reply();
/// What a device without anything to tell sends, and what it is told when there is nothing.
protocol::SyncRequest plainRequest();
protocol::SyncReply plainReply();

/// With what was added to version 1 later. Whoever does not know it reads the rest as it is.
domain::Row unlistedScan();
protocol::PassageRecord unlistedPassage();
protocol::SyncRequest requestAfterFailures();

protocol::PairingCode pairingCode();
protocol::Assignment assignment();

} // namespace voelgoed::sample

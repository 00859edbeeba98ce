#pragma once

#include "server/platform/redis/reply.h"
#include "server/platform/redis/slot.h"
#include "server/platform/redis/url.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What Redis's answers mean: error replies, and a cluster's map.
namespace voelgoed::redis {

/// What an error reply asks the client to do.
enum class Meaning {
    Failed,   ///< hand it on, as errorOf() says it
    Moved,    ///< the slot belongs to another node now
    Ask,      ///< the slot is on its way to another node: ask there, this time
    TryAgain, ///< keys of one command are on both sides of a move
    NoScript, ///< send the script's text
    ReadOnly, ///< this node became a replica: connect anew
    Away      ///< it cannot answer now: it loads, or its cluster is down
};
Meaning meaningOf(std::string_view refusal);

/// Unavailable for what passes by itself (LOADING, CLUSTERDOWN, TRYAGAIN, MASTERDOWN, READONLY, BUSY, OOM, …), Invalid
/// for all else; with Redis's words.
base::Error errorOf(std::string_view refusal);

/// Where "MOVED 3999 127.0.0.1:6381" and "ASK 3999 :6381" point to. `asked` is who said so: an empty host is its own.
struct Redirection
{
    std::uint16_t slot = 0;
    Endpoint to;

    friend bool operator==(const Redirection &, const Redirection &) = default;
};
std::optional<Redirection> redirectionFrom(std::string_view refusal, const Endpoint &asked);

/// Slots from `first` to `last` belong to `master`.
struct SlotRange
{
    std::uint16_t first = 0, last = 0;
    Endpoint master;

    friend bool operator==(const SlotRange &, const SlotRange &) = default;
};

/// Reads the reply to CLUSTER SLOTS. Corrupt when it is something else.
base::Result<std::vector<SlotRange>> slotRangesFrom(const Reply &reply, const Endpoint &asked);

} // namespace voelgoed::redis

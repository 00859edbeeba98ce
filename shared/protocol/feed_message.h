#pragma once

#include "shared/protocol/feed.h"

namespace voelgoed::wire {
class FeedPage;
}

/// Part of the encoders of pages; nobody outside this folder includes it.
namespace voelgoed::protocol {

void putPage(const std::vector<Change> &page, wire::FeedPage &out);
base::Result<std::vector<Change>> pageOf(const wire::FeedPage &in);

} // namespace voelgoed::protocol

#include "tests/fuzz/fuzz.h"

#include "server/platform/redis/reply_reader.h"
#include "server/platform/redis/words.h"

#include <algorithm>

namespace voelgoed::fuzz {

namespace {

struct Read
{
    std::vector<redis::Answer> answers;
    bool broken = false;

    friend bool operator==(const Read &, const Read &) = default;
};

Read readInPieces(std::string_view bytes, std::size_t size)
{
    redis::ReplyReader reader;
    Read read;
    for (std::size_t at = 0; at < bytes.size() && !read.broken; at += size) {
        const auto piece = bytes.substr(at, size);
        reader.feed(std::span<const char>(piece.data(), piece.size()));
        for (;;) {
            auto answer = reader.next();
            read.broken = !answer;
            if (!answer || !*answer)
                break;
            read.answers.push_back(std::move(**answer));
        }
    }
    return read;
}

void meansSomething(const redis::Answer &answer)
{
    const redis::Endpoint asked{.host = "h", .port = 1, .unixPath = {}};
    if (const auto *refusal = std::get_if<redis::Refusal>(&answer)) {
        const auto redirection = redis::redirectionFrom(refusal->text, asked);
        ensure(!redirection || redirection->slot < redis::kSlots, "a slot that is none");
        ensure(redis::errorOf(refusal->text).message.size() < 2'000, "a message without end");
        return;
    }
    const auto ranges = redis::slotRangesFrom(std::get<redis::Reply>(answer), asked);
    for (const redis::SlotRange &range : ranges.valueOr({}))
        ensure(range.first <= range.last && range.last < redis::kSlots, "a range that is none");
}

} // namespace

/// Replies are the same however their bytes are cut, and whatever they say is read as something or refused.
void fuzzOne(base::ByteView input)
{
    const std::string_view bytes = base::textOf(input);
    const Read whole = readInPieces(bytes, std::max<std::size_t>(1, bytes.size()));
    for (const std::size_t size : {1, 3, 7}) {
        const Read pieces = readInPieces(bytes, size);
        ensure(whole == pieces, "another meaning when it comes in pieces");
    }
    for (const redis::Answer &answer : whole.answers)
        meansSomething(answer);
}

} // namespace voelgoed::fuzz

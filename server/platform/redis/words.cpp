#include "server/platform/redis/words.h"

#include "shared/base/text.h"

#include <array>
#include <charconv>
#include <utility>

namespace voelgoed::redis {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::array<std::pair<std::string_view, Meaning>, 13> kMeanings{{
    {"MOVED", Meaning::Moved},
    {"ASK", Meaning::Ask},
    {"TRYAGAIN", Meaning::TryAgain},
    {"NOSCRIPT", Meaning::NoScript},
    {"READONLY", Meaning::ReadOnly},
    {"LOADING", Meaning::Away},
    {"CLUSTERDOWN", Meaning::Away},
    {"MASTERDOWN", Meaning::Away},
    {"BUSY", Meaning::Away},
    {"OOM", Meaning::Away},
    {"MISCONF", Meaning::Away},
    {"NOREPLICAS", Meaning::Away},
    {"NOAUTH", Meaning::Away},
}};

constexpr std::size_t kWordsMax = 300;

std::string_view firstWord(std::string_view text)
{
    return text.substr(0, text.find(' '));
}

template <class Number>
std::optional<Number> numberFrom(std::string_view text)
{
    Number number = 0;
    const char *end = text.data() + text.size();
    const auto [at, failed] = std::from_chars(text.data(), end, number);
    if (text.empty() || failed != std::errc() || at != end)
        return std::nullopt;
    return number;
}

/// A node that does not know its own address says nothing or "?": it is where it was asked.
std::optional<Endpoint> endpointFrom(std::string_view host, std::int64_t port, const Endpoint &asked)
{
    const bool own = host.empty() || host == "?";
    if (own && !asked.unixPath.empty())
        return asked;
    if (port <= 0 || port > 65'535)
        return std::nullopt;
    return Endpoint{
        .host = own ? asked.host : std::string(host), .port = static_cast<std::uint16_t>(port), .unixPath = {}};
}

std::optional<SlotRange> rangeFrom(const Reply &reply, const Endpoint &asked)
{
    const auto *range = reply.list();
    const auto *node = range && range->size() >= 3 ? (*range)[2].list() : nullptr;
    if (!node || node->size() < 2)
        return std::nullopt;
    const auto first = (*range)[0].integer(), last = (*range)[1].integer(), port = (*node)[1].integer();
    if (!first || !last || !port || *first < 0 || *last < *first || *last >= kSlots)
        return std::nullopt;
    if (!(*node)[0].isNil() && !(*node)[0].text())
        return std::nullopt;
    const auto master = endpointFrom((*node)[0].text().valueOr(""), *port, asked);
    if (!master)
        return std::nullopt;
    return SlotRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last), *master};
}

} // namespace

Meaning meaningOf(std::string_view refusal)
{
    const std::string_view word = firstWord(refusal);
    for (const auto &[name, meaning] : kMeanings) {
        if (word == name)
            return meaning;
    }
    return Meaning::Failed;
}

base::Error errorOf(std::string_view refusal)
{
    const bool passes = meaningOf(refusal) != Meaning::Failed && meaningOf(refusal) != Meaning::NoScript;
    return {passes ? ErrorCode::Unavailable : ErrorCode::Invalid, "redis: " + base::printable(refusal, kWordsMax), {}};
}

std::optional<Redirection> redirectionFrom(std::string_view refusal, const Endpoint &asked)
{
    const auto space = refusal.find(' ');
    const auto next = refusal.find(' ', space + 1);
    if (space == std::string_view::npos || next == std::string_view::npos)
        return std::nullopt;
    const auto slot = numberFrom<std::uint16_t>(refusal.substr(space + 1, next - space - 1));
    const std::string_view where = refusal.substr(next + 1);
    const auto colon = where.rfind(':');
    if (!slot || *slot >= kSlots || colon == std::string_view::npos)
        return std::nullopt;
    const auto port = numberFrom<std::uint16_t>(where.substr(colon + 1));
    const auto to = endpointFrom(where.substr(0, colon), port.value_or(0), asked);
    if (!to)
        return std::nullopt;
    return Redirection{*slot, *to};
}

Result<std::vector<SlotRange>> slotRangesFrom(const Reply &reply, const Endpoint &asked)
{
    const auto *list = reply.list();
    if (!list)
        return base::corrupt("redis: CLUSTER SLOTS gave no list");
    std::vector<SlotRange> ranges;
    for (const Reply &item : *list) {
        const auto range = rangeFrom(item, asked);
        if (!range)
            return base::corrupt("redis: CLUSTER SLOTS gave a range that is none");
        ranges.push_back(*range);
    }
    return ranges;
}

} // namespace voelgoed::redis

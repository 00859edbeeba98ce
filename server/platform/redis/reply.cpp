#include "server/platform/redis/reply.h"

#include <charconv>

namespace voelgoed::redis {

using base::Result;

Result<std::int64_t> Reply::integer() const
{
    if (const auto *number = std::get_if<std::int64_t>(&value))
        return *number;
    const auto *text = std::get_if<std::string>(&value);
    if (!text)
        return base::corrupt("redis: the reply is no number");
    std::int64_t number = 0;
    const char *end = text->data() + text->size();
    const auto [at, failed] = std::from_chars(text->data(), end, number);
    if (failed != std::errc() || at != end || text->empty())
        return base::corrupt("redis: the reply is no number");
    return number;
}

Result<std::string> Reply::text() const
{
    const auto *text = std::get_if<std::string>(&value);
    if (!text)
        return base::corrupt("redis: the reply is no text");
    return *text;
}

} // namespace voelgoed::redis

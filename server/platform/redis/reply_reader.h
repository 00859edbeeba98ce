#pragma once

#include "server/platform/redis/reply.h"

#include <memory>
#include <optional>
#include <span>
#include <variant>

struct redisReader;

namespace voelgoed::redis {

/// An error reply, in Redis's own words: "WRONGTYPE Operation against a key …".
struct Refusal
{
    std::string text;

    friend bool operator==(const Refusal &, const Refusal &) = default;
};

using Answer = std::variant<Reply, Refusal>;

/// Reads replies out of the bytes of one connection, as they come (hiredis). An error inside of a list makes the whole
/// reply a Refusal. Lists are nested seven deep at most.
class ReplyReader
{
public:
    static constexpr std::size_t kReplyMax = std::size_t{64} << 20; ///< bytes of one reply

    ReplyReader();
    ~ReplyReader();

    ReplyReader(const ReplyReader &) = delete;
    ReplyReader &operator=(const ReplyReader &) = delete;

    void feed(std::span<const char> bytes);

    /// The next whole reply. Nothing when more bytes are needed. Corrupt when the bytes are no replies: from then on,
    /// and the connection is of no use any more.
    base::Result<std::optional<Answer>> next();

private:
    struct Free
    {
        void operator()(redisReader *reader) const;
    };
    std::optional<std::string> m_refusal; ///< the first one in the reply that is being read
    std::unique_ptr<redisReader, Free> m_reader;
    std::size_t m_unread = 0; ///< bytes fed since the last whole reply
    bool m_broken = false;
};

} // namespace voelgoed::redis

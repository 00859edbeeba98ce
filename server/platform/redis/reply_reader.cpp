#include "server/platform/redis/reply_reader.h"

#include "shared/base/text.h"

#include <hiredis/hiredis.h>

namespace voelgoed::redis {

using base::Result;

namespace {

/// Where the element of this task goes. Only the list that is being filled grows, and what it holds is whole by then
/// but for its last element, so that pointers to lists that are being filled stay valid.
Reply *placeOf(const redisReadTask *task)
{
    if (!task->parent)
        return new Reply; // until next() takes it, or freeObject() does
    auto &list = *std::get_if<std::vector<Reply>>(&static_cast<Reply *>(task->parent->obj)->value);
    return &list.emplace_back();
}

void *createString(const redisReadTask *task, char *text, std::size_t size)
{
    auto &refusal = *static_cast<std::optional<std::string> *>(task->privdata);
    if (task->type == REDIS_REPLY_ERROR && !refusal)
        refusal = std::string(text, size);
    Reply *place = placeOf(task);
    place->value = std::string(text, size);
    return place;
}

void *createArray(const redisReadTask *task, int)
{
    // The announced number of elements is only a claim: memory is taken as they come.
    Reply *place = placeOf(task);
    place->value = std::vector<Reply>();
    return place;
}

void *createInteger(const redisReadTask *task, long long number)
{
    Reply *place = placeOf(task);
    place->value = std::int64_t{number};
    return place;
}

void *createNil(const redisReadTask *task)
{
    return placeOf(task);
}

void freeObject(void *root)
{
    delete static_cast<Reply *>(root);
}

redisReplyObjectFunctions functions()
{
    redisReplyObjectFunctions made{};
    made.createString = createString;
    made.createArray = createArray;
    made.createInteger = createInteger;
    made.createNil = createNil;
    made.freeObject = freeObject;
    return made;
}

} // namespace

void ReplyReader::Free::operator()(redisReader *reader) const
{
    redisReaderFree(reader);
}

ReplyReader::ReplyReader()
{
    static redisReplyObjectFunctions kFunctions = functions();
    m_reader.reset(redisReaderCreateWithFunctions(&kFunctions));
    base::ensure(m_reader != nullptr, "no memory for hiredis");
    m_reader->privdata = &m_refusal;
}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::span<const char> bytes)
{
    if (m_broken)
        return;
    m_unread += bytes.size();
    m_broken = redisReaderFeed(m_reader.get(), bytes.data(), bytes.size()) != REDIS_OK;
}

Result<std::optional<Answer>> ReplyReader::next()
{
    void *root = nullptr;
    if (!m_broken)
        m_broken = redisReaderGetReply(m_reader.get(), &root) != REDIS_OK;
    if (m_broken)
        return base::corrupt("redis: these are no replies: " + base::printable(m_reader->errstr));
    if (!root) {
        m_broken = m_unread > kReplyMax;
        if (m_broken)
            return base::corrupt("redis: a reply is larger than " + std::to_string(kReplyMax) + " bytes");
        return std::optional<Answer>();
    }
    m_unread = m_reader->len - m_reader->pos;
    const std::unique_ptr<Reply> whole(static_cast<Reply *>(root));
    if (const auto refusal = std::exchange(m_refusal, std::nullopt))
        return std::optional<Answer>(Refusal{*refusal});
    return std::optional<Answer>(std::move(*whole));
}

} // namespace voelgoed::redis

#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/ticketing/ticketing.h"

/// The keys that an event's codes are signed with.
namespace voelgoed::ticketing {

struct OneEvent
{
    base::Uuid event{};
};
BOOST_DESCRIBE_STRUCT(OneEvent, (), (event))

struct KeyOut
{
    std::int32_t slot = 0;
    std::string publicKey; ///< hexadecimal
    bool retired = false;
};
BOOST_DESCRIBE_STRUCT(KeyOut, (), (slot, publicKey, retired))

struct ForeignKeyOut
{
    std::string system, publicKey;
};
BOOST_DESCRIBE_STRUCT(ForeignKeyOut, (), (system, publicKey))

struct KeyList
{
    std::uint32_t shortId = 0;
    std::vector<KeyOut> data; ///< the first one that is not retired signs
    std::vector<ForeignKeyOut> foreign;
};
BOOST_DESCRIBE_STRUCT(KeyList, (), (shortId, data, foreign))

struct OneKey
{
    base::Uuid event{};
    std::uint8_t slot = 0;
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(OneKey, (), (event, slot, reason))

struct NewForeignKey
{
    base::Uuid event{};
    actions::Text<20> system;
    actions::Text<64> publicKey;
};
BOOST_DESCRIBE_STRUCT(NewForeignKey, (), (event, system, publicKey))

struct OneForeignKey
{
    base::Uuid event{};
    actions::Text<64> publicKey; ///< of the path, in hexadecimal digits
    std::optional<actions::Text<500>> reason;
};
BOOST_DESCRIBE_STRUCT(OneForeignKey, (), (event, publicKey, reason))

async::Task<base::Result<KeyList>> listKeys(actions::Context &context, Ticketing &ticketing, OneEvent in);
async::Task<base::Result<KeyList>> addKey(actions::Context &context, Ticketing &ticketing, OneEvent in);
async::Task<base::Result<KeyList>> retireKey(actions::Context &context, Ticketing &ticketing, OneKey in);
async::Task<base::Result<KeyList>> addForeignKey(actions::Context &context, Ticketing &ticketing, NewForeignKey in);
async::Task<base::Result<KeyList>> removeForeignKey(actions::Context &context, Ticketing &ticketing, OneForeignKey in);

void addKeyActions(Ticketing &ticketing);

} // namespace voelgoed::ticketing

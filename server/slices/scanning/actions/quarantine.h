#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/scanning/scanning.h"

/// Rows that devices brought and that could not be taken: they wait here, as they came, for people to look at.
namespace voelgoed::scanning {

enum class AsideState { Open, Dismissed };
BOOST_DESCRIBE_ENUM(AsideState, Open, Dismissed)

struct ListQuarantine
{
    base::Uuid event{};
    std::optional<AsideState> state;
    std::optional<actions::Text<64>> broughtBy;
    std::optional<base::Uuid> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListQuarantine, (), (event, state, broughtBy, after, limit))

/// The same of rows that are of no event of the organization's, brought by devices that stand at none.
struct ListStrays
{
    std::optional<AsideState> state;
    std::optional<actions::Text<64>> broughtBy;
    std::optional<base::Uuid> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListStrays, (), (state, broughtBy, after, limit))

/// What a row says, as far as it can be read. Nobody vouches for it.
struct AsideSays
{
    base::Instant at; ///< by the device's own clock
    std::string checkpoint, gate, outcome, reason;
    std::int32_t ordinal = 0; ///< 0: none
};
BOOST_DESCRIBE_STRUCT(AsideSays, (), (at, checkpoint, gate, outcome, reason, ordinal))

struct AsideShown
{
    base::Uuid id{};
    std::string broughtBy;           ///< the device that sent it
    std::string device;              ///< whose it says that it is
    std::int64_t epoch = 0, seq = 0; ///< likewise
    std::string reason;              ///< why it was not taken
    AsideState state = AsideState::Open;
    base::Instant receivedAt;
    std::string bytes; ///< base64
    std::optional<AsideSays> says;
};
BOOST_DESCRIBE_STRUCT(AsideShown, (), (id, broughtBy, device, epoch, seq, reason, state, receivedAt, bytes, says))

struct AsidePage
{
    std::vector<AsideShown> data; ///< latest first
    bool hasMore = false;
    std::optional<base::Uuid> next;
};
BOOST_DESCRIBE_STRUCT(AsidePage, (), (data, hasMore, next))

struct DismissAside
{
    base::Uuid event{}, row{};
    actions::Text<500> note; ///< why it is nothing
};
BOOST_DESCRIBE_STRUCT(DismissAside, (), (event, row, note))

struct DismissStray
{
    base::Uuid row{};
    actions::Text<500> note; ///< why it is nothing
};
BOOST_DESCRIBE_STRUCT(DismissStray, (), (row, note))

async::Task<base::Result<AsidePage>> listQuarantine(actions::Context &context, Scanning &scanning, ListQuarantine in);
/// It stays where it is, and nobody has to look at it again.
async::Task<base::Result<AsideShown>> dismissAside(actions::Context &context, Scanning &scanning, DismissAside in);

async::Task<base::Result<AsidePage>> listStrays(actions::Context &context, Scanning &scanning, ListStrays in);
async::Task<base::Result<AsideShown>> dismissStray(actions::Context &context, Scanning &scanning, DismissStray in);

void addQuarantineActions(Scanning &scanning);

} // namespace voelgoed::scanning

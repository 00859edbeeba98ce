#pragma once

#include "shared/base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What is said over a socket at /v1/socket: JSON objects, one a message. docs/protocol/topics.md tells clients.
namespace voelgoed::topics {

/// How far somebody has heard a topic. Numbers of one epoch follow each other; an epoch ends when what was counted is
/// lost. Equal epochs compare, others do not.
struct Cursor
{
    std::string epoch; ///< empty: nothing was ever said there
    std::uint64_t seq = 0;

    friend bool operator==(const Cursor &, const Cursor &) = default;
};

inline constexpr std::size_t kFrameMax = 4096; ///< bytes of a client's frame
inline constexpr std::size_t kHereMax = 5;     ///< fields that a client says about itself

/// {"op":"sub","topic":"scanning:event:…","since":41,"epoch":"…","presence":true,"here":{"battery_percent":80}}
struct SubFrame
{
    std::string topic;           ///< its last part may be "*"
    std::optional<Cursor> since; ///< `since` and `epoch`, both as an earlier frame said them
    enum class Presence { No, Watch, Here } presence = Presence::No;
    base::Json here; ///< with Here: numbers and choices, flat
};
struct UnsubFrame
{
    std::string topic;
};
/// What was heard and dealt with. Who says it is not sent much more before the next one.
struct AckFrame
{
    std::string topic;
    std::uint64_t seq = 0;
};
struct PingFrame
{
    std::string id; ///< comes back with the pong
};
using ClientFrame = std::variant<SubFrame, UnsubFrame, AckFrame, PingFrame>;

/// Invalid, with what is wrong, for anything else.
base::Result<ClientFrame> readFrame(std::string_view text);

/// Why a client has to load the topic's state anew.
enum class SnapReason {
    Join,  ///< it has just come, without a place to go on from
    Gap,   ///< what it missed is not kept any more
    Slow,  ///< it did not take what was sent
    Reset, ///< what was counted was lost, or servers could not hear each other for a while
};
std::string_view word(SnapReason reason);

struct Snap
{
    std::string topic;
    SnapReason reason = SnapReason::Join;
    Cursor at; ///< events from here on follow
    const base::Json *data = nullptr;
};

/// `event`: an envelope. It says its number itself, too: the extension `seq`.
std::string eventFrame(std::string_view topic, const Cursor &at, std::string_view event);
std::string snapFrame(const Snap &snap);
/// The subscription goes on from the client's place: what it missed follows.
std::string resumedFrame(std::string_view topic, const Cursor &at);
std::string leftFrame(std::string_view topic);
std::string errorFrame(std::string_view topic, std::string_view code, std::string_view detail);
std::string pongFrame(std::string_view id);
/// Everybody who is there.
std::string presentFrame(std::string_view topic, const boost::json::array &members);
std::string presenceFrame(std::string_view topic, const boost::json::array &joined, const boost::json::array &left);

} // namespace voelgoed::topics

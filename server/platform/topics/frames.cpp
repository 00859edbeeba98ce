#include "server/platform/topics/frames.h"

#include "server/platform/topics/names.h"
#include "shared/base/json_reader.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace voelgoed::topics {

using base::Json;
using base::JsonPlace;
using base::ObjectReader;

namespace {

constexpr std::int64_t kSeqMax = std::int64_t{1} << 53; // what a double can count
constexpr std::size_t kWordMax = 64;
constexpr std::size_t kFieldMax = 32;

std::uint64_t seqOf(ObjectReader &reader, std::string_view key)
{
    return static_cast<std::uint64_t>(reader.integer(key, 0, 0, kSeqMax));
}

void readHere(const JsonPlace &place, Json &out)
{
    boost::json::object fields;
    place.eachField(
        [&](std::string_view key, const JsonPlace &field) {
            if (!isTopicId(key) || key.size() > kFieldMax)
                field.fail("is not a name for a field");
            if (!field.json.is_number() && !field.json.is_bool())
                field.fail("has to be a number or a truth");
            fields[key] = field.json;
        },
        kHereMax);
    out = std::move(fields);
}

SubFrame readSub(ObjectReader &reader)
{
    SubFrame frame;
    frame.topic = reader.require("topic").text(kTopicMax);
    const auto since = reader.find("since");
    const auto epoch = reader.find("epoch");
    if (since)
        frame.since.emplace(Cursor{epoch ? epoch->text(kWordMax) : std::string(), seqOf(reader, "since")});
    // A place without its epoch is none: what was counted may have been lost since.
    if (since && !epoch && frame.since->seq > 0)
        frame.since->epoch = "?";
    if (reader.boolean("presence"))
        frame.presence = SubFrame::Presence::Watch;
    if (const auto here = reader.find("here")) {
        frame.presence = SubFrame::Presence::Here;
        readHere(*here, frame.here);
    }
    return frame;
}

std::string textOf(boost::json::object object)
{
    return base::toText(Json(std::move(object)));
}

} // namespace

base::Result<ClientFrame> readFrame(std::string_view text)
{
    const auto json = base::parseJson(text, {.bytes = kFrameMax, .depth = 3, .values = 64});
    if (!json)
        return json.error();
    base::JsonFailure failure;
    const JsonPlace place{*json, {}, failure};
    ObjectReader reader(place);
    const std::string op = reader.require("op").text(16);
    ClientFrame frame;
    if (op == "sub") {
        frame = readSub(reader);
    } else if (op == "unsub") {
        frame = UnsubFrame{reader.require("topic").text(kTopicMax)};
    } else if (op == "ack") {
        reader.require("seq");
        frame = AckFrame{reader.require("topic").text(kTopicMax), seqOf(reader, "seq")};
    } else if (op == "ping") {
        frame = PingFrame{reader.text("id")};
        if (std::get<PingFrame>(frame).id.size() > kWordMax)
            place.fail("the id is too long");
    } else {
        place.fail("op has to be sub, unsub, ack or ping");
    }
    reader.finish();
    if (failure.happened())
        return *failure.error();
    return frame;
}

std::string_view word(SnapReason reason)
{
    switch (reason) {
    case SnapReason::Join:
        return "join";
    case SnapReason::Gap:
        return "gap";
    case SnapReason::Slow:
        return "slow";
    case SnapReason::Reset:
        return "reset";
    }
    return {};
}

std::string eventFrame(std::string_view topic, const Cursor &at, std::string_view event)
{
    std::string text =
        textOf({{"op", "event"}, {"topic", topic}, {"seq", at.seq}, {"epoch", at.epoch}}); // the event is JSON already
    text.back() = ',';
    text.append("\"event\":{\"seq\":").append(std::to_string(at.seq)).append(",").append(event.substr(1));
    return text += '}';
}

std::string snapFrame(const Snap &snap)
{
    boost::json::object object{{"op", "snap"},
                               {"topic", snap.topic},
                               {"seq", snap.at.seq},
                               {"epoch", snap.at.epoch},
                               {"reason", word(snap.reason)}};
    if (snap.data)
        object["data"] = *snap.data;
    return textOf(std::move(object));
}

std::string resumedFrame(std::string_view topic, const Cursor &at)
{
    return textOf({{"op", "sub"}, {"topic", topic}, {"seq", at.seq}, {"epoch", at.epoch}});
}

std::string leftFrame(std::string_view topic)
{
    return textOf({{"op", "unsub"}, {"topic", topic}});
}

std::string errorFrame(std::string_view topic, std::string_view code, std::string_view detail)
{
    return textOf({{"op", "error"}, {"topic", topic}, {"code", code}, {"detail", detail}});
}

std::string pongFrame(std::string_view id)
{
    return textOf({{"op", "pong"}, {"id", id}});
}

std::string presentFrame(std::string_view topic, const boost::json::array &members)
{
    return textOf({{"op", "presence"}, {"topic", topic}, {"state", members}});
}

std::string presenceFrame(std::string_view topic, const boost::json::array &joined, const boost::json::array &left)
{
    return textOf({{"op", "presence"}, {"topic", topic}, {"joined", joined}, {"left", left}});
}

} // namespace voelgoed::topics

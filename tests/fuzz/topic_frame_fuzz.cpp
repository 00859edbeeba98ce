#include "tests/fuzz/fuzz.h"

#include "server/platform/topics/frames.h"
#include "server/platform/topics/log.h"
#include "server/platform/topics/names.h"

namespace voelgoed::fuzz {

/// What is read as a frame keeps its limits; what comes over a channel is read or passed over.
void fuzzOne(base::ByteView input)
{
    const std::string_view text = base::textOf(input);
    if (const auto frame = topics::readFrame(text)) {
        ensure(text.size() <= topics::kFrameMax, "more bytes than allowed");
        if (const auto *sub = std::get_if<topics::SubFrame>(&*frame)) {
            ensure(sub->topic.size() <= topics::kTopicMax, "a long topic");
            if (sub->here.is_object()) {
                for (const auto &field : sub->here.get_object())
                    ensure(!field.value().is_structured() && !field.value().is_string(),
                           "a card with more than figures");
            }
            ensure(bool(base::parseJson(topics::errorFrame(sub->topic, "c", "d"))), "an answer that is no JSON");
        }
    }
    const std::string channel = topics::channelOf({}, text);
    if (const auto heard = topics::heardFrom(channel, text))
        ensure(topics::channelOf(heard->organization, heard->topic) == channel, "another channel");
    static_cast<void>(topics::heardFrom(text, text));
}

} // namespace voelgoed::fuzz

#include "shared/protocol/passage.h"

#include "shared/protocol/feed.pb.h"
#include "shared/protocol/wire.h"

#include <limits>

namespace voelgoed::protocol {

using base::Result;

base::Bytes encode(const PassageRecord &passage)
{
    wire::Passage out;
    out.set_device(passage.row.device.text);
    out.set_epoch(passage.row.epoch.value);
    out.set_sequence(passage.row.sequence.value);
    out.set_ordinal(passage.ordinal.value);
    out.set_checkpoint(passage.checkpoint.text);
    out.set_gate(passage.gate.text);
    out.set_direction(static_cast<std::uint32_t>(passage.direction));
    out.set_count(passage.count);
    out.set_overridden(passage.overridden);
    out.set_at_ms(base::millisOf(passage.at));
    out.set_rotating_step(passage.rotatingStep);
    out.set_withdrawn(passage.withdrawn);
    out.set_unlisted_admits(passage.unlistedAdmits);
    return serialised(out);
}

Result<PassageRecord> decodePassage(base::ByteView bytes)
{
    const auto in = parsedInAnySpelling<wire::Passage>(bytes, "passage");
    if (!in)
        return in.error();
    if (in->sequence() < 1 || in->sequence() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return base::invalid("passage: a number outside 1 to 2^63 - 1");
    if (in->ordinal() < 1 || in->ordinal() > domain::kOrdinalMax)
        return base::invalid("passage: an ordinal outside 1 to 2^24 - 1");
    if (in->count() < 1 || in->count() > std::numeric_limits<std::uint16_t>::max())
        return base::invalid("passage: a number of persons outside 1 to 65535");
    if (in->unlisted_admits() > std::numeric_limits<std::uint16_t>::max())
        return base::invalid("passage: a ticket for more than 65535 persons");
    const auto direction = choice(in->direction(), domain::Direction::Exit, "direction");
    if (!direction)
        return direction.error();
    PassageRecord passage{.row = {{in->device()}, {in->epoch()}, {in->sequence()}},
                          .ordinal = {in->ordinal()},
                          .checkpoint = {in->checkpoint()},
                          .gate = {in->gate()},
                          .direction = *direction,
                          .count = static_cast<std::uint16_t>(in->count()),
                          .overridden = in->overridden(),
                          .at = base::instantFromMillis(in->at_ms()),
                          .rotatingStep = in->rotating_step(),
                          .withdrawn = in->withdrawn(),
                          .unlistedAdmits = static_cast<std::uint16_t>(in->unlisted_admits())};
    if (const auto one = isCanonical(*in, bytes, encode(passage), "passage"); !one)
        return one.error();
    return passage;
}

} // namespace voelgoed::protocol

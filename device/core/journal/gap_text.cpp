#include "device/core/journal/gap_text.h"

#include <charconv>

namespace voelgoed::journal {

using base::Result;

std::string textOf(const std::vector<Gap> &gaps)
{
    std::string text;
    for (const Gap &gap : gaps) {
        if (!text.empty())
            text += ' ';
        text += std::to_string(gap.first.value) + "-" + std::to_string(gap.last.value);
    }
    return text;
}

Result<std::vector<Gap>> parseGaps(const std::string &text)
{
    std::vector<Gap> gaps;
    const char *at = text.data();
    const char *const end = at + text.size();
    while (at != end) {
        Gap gap;
        const auto first = std::from_chars(at, end, gap.first.value);
        if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-')
            return base::corrupt("the list of lost rows cannot be read");
        const auto last = std::from_chars(first.ptr + 1, end, gap.last.value);
        const bool follows = gaps.empty() || gaps.back().last < gap.first;
        if (last.ec != std::errc() || gap.last < gap.first || !follows || (last.ptr != end && *last.ptr != ' '))
            return base::corrupt("the list of lost rows cannot be read");
        gaps.push_back(gap);
        at = last.ptr == end ? end : last.ptr + 1;
    }
    if (textOf(gaps) != text) // a second spelling: nobody of ours wrote it
        return base::corrupt("the list of lost rows cannot be read");
    return gaps;
}

Mark markIn(const storage::Statement &statement, const domain::DeviceId &own)
{
    Mark mark;
    mark.row.device.text = statement.integer(0) == 0 ? own.view() : statement.text(1);
    mark.row.epoch.value = static_cast<std::uint32_t>(statement.integer(2));
    mark.row.sequence.value = static_cast<std::uint64_t>(statement.integer(3));
    mark.ordinal.value = static_cast<std::uint32_t>(statement.integer(4));
    mark.checkpoint.text = statement.text(5);
    mark.gate.text = statement.text(6);
    mark.direction = statement.integer(7) == 0 ? domain::Direction::Entry : domain::Direction::Exit;
    mark.count = static_cast<std::uint16_t>(statement.integer(8));
    mark.overridden = statement.integer(9) != 0;
    mark.at = base::instantFromMillis(statement.integer(10));
    mark.rotatingStep = static_cast<std::uint64_t>(statement.integer(11));
    return mark;
}

} // namespace voelgoed::journal

#include "shared/domain/zone_file.h"

#include "shared/base/ensure.h"
#include "shared/domain/posix_rule.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace voelgoed::domain {

using namespace std::chrono;
using base::ByteView;
using base::Result;

namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kHeader = 44;
constexpr std::uint32_t kCountMax = 4'096; ///< of anything that a file lists
/// Before it there were no changes of the clocks; files begin with one at the beginning of time.
constexpr int kFirstYear = 1800;

using Transitions = std::vector<ZoneTable::Transition>;

base::Instant startOf(int year)
{
    return base::Instant(sys_days(std::chrono::year(year) / 1 / 1));
}

struct Counts
{
    std::uint32_t utc, standard, leaps, times, types, letters;

    /// Bytes of the block behind the header, with times of so many bytes.
    std::size_t size(std::size_t time) const
    {
        return times * (time + 1) + types * std::size_t{6} + letters + leaps * (time + 4) + standard + utc;
    }
};

std::optional<Counts> countsAt(ByteView file, std::size_t at)
{
    if (file.size() < at + kHeader || base::textOf(file.subspan(at, 4)) != "TZif")
        return std::nullopt;
    std::array<std::uint32_t, 6> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = base::bigEndianAt<std::uint32_t>(file, at + 20 + 4 * i);
    if (std::any_of(numbers.begin(), numbers.end(), [](std::uint32_t n) { return n > kCountMax; }))
        return std::nullopt;
    return Counts{numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]};
}

/// The second block: times of 8 bytes, the types that they change to, and what the types are.
struct Listed
{
    seconds initial{};
    Transitions transitions;
};

std::optional<Listed> listed(ByteView block, const Counts &counts, base::Instant until)
{
    const std::size_t indices = counts.times * std::size_t{8};
    const std::size_t types = indices + counts.times;
    const auto offsetOf = [&](std::size_t type) {
        return seconds(static_cast<std::int32_t>(base::bigEndianAt<std::uint32_t>(block, types + type * 6)));
    };
    if (counts.types == 0)
        return std::nullopt;
    Listed found{.initial = offsetOf(0), .transitions = {}};
    const auto first = floor<seconds>(startOf(kFirstYear)).time_since_epoch().count();
    const auto end = floor<seconds>(until).time_since_epoch().count();
    std::int64_t before = std::numeric_limits<std::int64_t>::min();
    for (std::size_t i = 0; i < counts.times; ++i) {
        const auto at = static_cast<std::int64_t>(base::bigEndianAt<std::uint64_t>(block, i * 8));
        const auto type = std::to_integer<std::size_t>(block[indices + i]);
        if (type >= counts.types || (i > 0 && at <= before))
            return std::nullopt;
        before = at;
        if (at < first)
            found.initial = offsetOf(type);
        else if (at < end)
            found.transitions.push_back({base::Instant(seconds(at)), offsetOf(type)});
    }
    return found;
}

/// The changes that the rule makes behind those that are listed.
void extend(Transitions &transitions, const PosixRule &rule, base::Instant until)
{
    if (!rule.summer)
        return;
    const auto last = transitions.empty() ? startOf(kFirstYear) : transitions.back().at;
    for (auto y = year_month_day(floor<days>(last)).year(); startOf(static_cast<int>(y)) < until; ++y) {
        std::array made{ZoneTable::Transition{momentOf(rule.summer->begins, y, rule.offset), rule.summer->offset},
                        ZoneTable::Transition{momentOf(rule.summer->ends, y, rule.summer->offset), rule.offset}};
        if (made[1].at < made[0].at)
            std::swap(made[0], made[1]);
        for (const ZoneTable::Transition &transition : made) {
            if (transition.at > last && transition.at < until)
                transitions.push_back(transition);
        }
    }
}

/// Between two line feeds, at the end of the file; empty where a file has none.
std::optional<std::string_view> ruleText(ByteView behind)
{
    const std::string_view text = base::textOf(behind);
    if (text.size() < 2 || text.front() != '\n' || text.find('\n', 1) != text.size() - 1)
        return std::nullopt;
    return text.substr(1, text.size() - 2);
}

} // namespace

bool isZoneName(std::string_view text)
{
    if (text.empty() || text.size() > kNameMax || text == "localtime" || text == "posixrules" ||
        text.starts_with("posix/") || text.starts_with("right/"))
        return false;
    bool begins = true;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool other = (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
        if (!letter && (begins || (!other && c != '/')))
            return false;
        begins = c == '/';
    }
    return !begins;
}

Result<ZoneTable> readZoneFile(const std::string &name, ByteView file, const Years &years)
{
    base::ensure(years.from >= 1900 && years.from <= years.to && years.to <= 2200, "the years of a time zone table");
    const auto broken = [&name] { return base::corrupt("time zone \"" + name + "\": its file cannot be read"); };
    const auto old = countsAt(file, 0);
    if (!old)
        return broken();
    if (file[4] < std::byte{'2'})
        return base::unsupported("time zone \"" + name + "\": its file is of the first version");
    const std::size_t second = kHeader + old->size(4);
    const auto counts = countsAt(file, second);
    if (!counts || file.size() < second + kHeader + counts->size(8))
        return broken();
    const auto from = startOf(years.from);
    const auto until = startOf(years.to + 1);
    const auto block = file.subspan(second + kHeader, counts->size(8));
    auto all = listed(block, *counts, until);
    const auto text = ruleText(file.subspan(second + kHeader + counts->size(8)));
    const auto rule = text ? parsePosixRule(*text) : std::nullopt;
    if (!all || !text || (!rule && !text->empty()))
        return broken();
    if (rule)
        extend(all->transitions, *rule, until);
    seconds initial = all->initial;
    seconds offset = initial;
    Transitions transitions;
    for (const ZoneTable::Transition &transition : all->transitions) {
        if (transition.at <= from)
            initial = transition.offset;
        // Stretches that differ in their names alone (EAT, SAST) are one.
        else if (transition.offset != offset)
            transitions.push_back(transition);
        offset = transition.offset;
    }
    return ZoneTable::make(name, initial, std::move(transitions));
}

} // namespace voelgoed::domain

#pragma once

#include "shared/domain/verdict.h"
#include "shared/domain/zone_table.h"

#include <array>
#include <string>
#include <string_view>

/// Explanations as sentences. Facts become words here, at the edge, and nowhere else.
namespace voelgoed::admission {

inline constexpr std::size_t kPhraseCount = static_cast<std::size_t>(domain::Phrase::DeviceLocked) + 1;

/// What a language says. In a sentence, %1 to %4 stand for the phrase's facts (domain::Phrase names them in order); a
/// language may leave a fact out or change their order. What stands in [brackets] is said where the first fact in it is
/// there. The texts must outlive the wording.
struct Wording
{
    std::array<std::string_view, kPhraseCount> sentences; ///< by phrase
    std::array<std::string_view, 7> weekdays;             ///< from Monday
    std::array<std::string_view, 12> months;
};

const Wording &english();

/// A sentence for door staff and guests. Moments are shown in the event's zone as seen from `now`: the time alone
/// today, with the weekday within six days, else with the date. Texts that come from outside are made printable and
/// short.
std::string sentence(const domain::Explanation &explanation, const domain::ZoneTable &zone, base::Instant now,
                     const Wording &wording = english());

/// A moment as sentences show it: "10:00", "Saturday 10:00", "12 December 10:00", "12 December 2027 10:00".
std::string momentText(base::Instant at, const domain::ZoneTable &zone, base::Instant now,
                       const Wording &wording = english());

} // namespace voelgoed::admission

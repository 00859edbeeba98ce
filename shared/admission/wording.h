#pragma once

#include "shared/domain/verdict.h"
#include "shared/domain/zone_table.h"

#include <functional>
#include <string>
#include <string_view>

/// Sentences for verdicts. They are made at the edge, out of structured facts: a translation replaces the templates and
/// nothing else.
namespace voelgoed::admission {

/// The English template of a phrase, "Entered %1 at %2": %1 and %2 stand for the phrase's facts.
std::string_view englishTemplate(domain::Phrase phrase);

/// Gives the template of a phrase in another language.
using Templates = std::function<std::string(domain::Phrase)>;

/// The explanation as a sentence for the guest, in the event's zone as seen at `now`. Texts from outside are made
/// printable and cut.
std::string sentence(const domain::Explanation &explanation, const domain::ZoneTable &zone, base::Instant now);
std::string sentence(const domain::Explanation &explanation, const domain::ZoneTable &zone, base::Instant now,
                     const Templates &templates);

/// "19:04" today, "Saturday 10:00" within six days, "5 December 10:00" else, with the year where it is another one.
std::string moment(base::Instant at, const domain::ZoneTable &zone, base::Instant now);

} // namespace voelgoed::admission

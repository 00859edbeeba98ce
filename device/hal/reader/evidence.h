#pragma once

#include "device/core/hal/barcode_reader.h"

#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace voelgoed::hal {

/// Under what circumstances a code was read.
enum class Weight : std::uint8_t {
    Plain,   ///< in the picture as it is
    Agreed,  ///< in parts of the picture that agree with each other
    Changed, ///< in a picture that was changed: noise can look like a weak code there
};

/// Decides when a code that was read is believed. Codes with error correction are believed at once,
/// the first at each place. Linear ones wait
/// for settle(): a scan line that crosses only a part of a code can read a shorter one out of it, so that among
/// readings at one place the longest that was read often enough counts, and the others are dropped. One search, one
/// thread.
class Evidence
{
public:
    /// True when this reading makes the code believed, and it was not before.
    bool add(const ReadCode &code, Weight weight);

    enum class Moment : std::uint8_t { BetweenRounds, AtTheEnd };

    /// The linear codes that are believed by now, and were not before. Kinds whose parts are codes again (ITF, Code
    /// 39), if only changed pictures showed them, wait for the end.
    /// `isWhole` is asked of each, and those that are not stay candidates.
    std::vector<ReadCode> settle(Moment moment, const std::function<bool(const ReadCode &)> &isWhole);

    std::size_t accepted() const { return m_accepted.size(); }

    /// A code's middle, and how far it reaches from there.
    struct Place
    {
        float x = 0;
        float y = 0;
        float reach = 0;
    };

private:
    using Key = std::pair<Symbology, base::Bytes>;
    struct Candidate
    {
        ReadCode code;
        int readings = 0;
        bool sound = false; ///< not only changed pictures showed it
    };

    bool isHidden(const Candidate &candidate) const;

    /// Whether a matrix code that is believed stands there: no two stand at one place.
    bool isTaken(const ReadCode &code) const;

    std::set<Key> m_accepted;
    std::vector<Place> m_places; ///< of matrix codes that are believed
    std::map<Key, Candidate> m_candidates;
};

/// Whether a part of such a code reads as a shorter one.
bool partsAreCodes(Symbology symbology);

/// How many readings of changed pictures a kind needs.
int readingsNeeded(const ReadCode &code);

} // namespace voelgoed::hal

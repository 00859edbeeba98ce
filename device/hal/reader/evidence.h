#pragma once

#include "device/core/hal/barcode_reader.h"
#include "device/hal/reader/footprint.h"

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace voelgoed::hal {

/// Under what circumstances a code was read.
enum class Weight : std::uint8_t {
    Plain,   ///< in the picture as it is
    Agreed,  ///< in parts of the picture that agree with each other
    Changed, ///< in a picture that was changed: noise can look like a weak code there
};

/// Decides when a code that was read is believed. Codes with error correction are believed at once, the first at each
/// place. Linear ones wait for settle(): a scan line that crosses only a part of a code can read a shorter one out of
/// it, so that of those the longest that was read often enough counts. Where readings contradict each other, one needs
/// a clear majority, or none is believed; what a few lines show of a code that has more is worth half. One search, one
/// thread.
class Evidence
{
public:
    /// `thin`: the pixels between the outermost lines of a reading from which on it counts in full.
    explicit Evidence(double thin) : m_thin(thin) {}

    /// True when this reading makes the code believed, and it was not before.
    bool add(const ReadCode &code, Weight weight);

    enum class Moment : std::uint8_t { BetweenRounds, AtTheEnd };

    /// The linear codes that are believed by now, and were not before. Kinds whose parts are codes again (ITF, Code
    /// 39), if only changed pictures showed them, wait for the end, and a few lines are not enough for them.
    /// `isWhole` is asked of those that the picture as it is does not show; what is not stays a candidate.
    std::vector<ReadCode> settle(Moment moment, const std::function<bool(const ReadCode &)> &isWhole);

    std::size_t believed() const { return m_believed; }
    /// Where they stand.
    std::vector<Footprint> places() const;

private:
    using Key = std::pair<Symbology, base::Bytes>;
    struct Candidate
    {
        ReadCode code;
        double weight = 0;
        bool sound = false; ///< not only changed pictures showed it
        bool plain = false; ///< the picture as it is showed it
        bool thick = false; ///< not only a few lines read it
        bool believed = false;
    };

    bool isHidden(const Candidate &candidate) const;
    bool isHiddenBy(const Candidate &other, const Candidate &candidate) const;

    /// Whether a matrix code that is believed stands there: no two stand at one place.
    bool isTaken(const ReadCode &code) const;

    double m_thin;
    std::size_t m_believed = 0;
    std::vector<Footprint> m_matrices; ///< that are believed
    std::map<Key, Candidate> m_candidates;
};

bool isLinear(Symbology symbology);

/// Whether a part of such a code reads as a shorter one.
bool partsAreCodes(Symbology symbology);

/// Whether the last digit is the check digit of those before it, as in the codes of trade (weights 3 and 1). Digits
/// only.
bool hasCheckDigit(const ReadCode &code);

/// How many readings of changed pictures a kind needs.
int readingsNeeded(const ReadCode &code);

} // namespace voelgoed::hal

#include "device/hal/reader/evidence.h"

#include <algorithm>

namespace voelgoed::hal {

namespace {

constexpr std::size_t kCandidatesMax = 200;
constexpr std::size_t kSmallAztec = 32; ///< bytes below which it has few words to correct errors with
constexpr std::size_t kNoItf = 6;       ///< digits below which an interleaved code says next to nothing

/// What a code with a reading of that weight is worth, in readings of changed pictures.
double worth(const ReadCode &code, Weight weight)
{
    return weight == Weight::Changed ? 1 : readingsNeeded(code);
}

bool sameDigits(const ReadCode &a, const ReadCode &b)
{
    // A UPC-A code is an EAN-13 code that begins with a zero.
    const auto &longer = a.content.size() > b.content.size() ? a.content : b.content,
               &shorter = a.content.size() > b.content.size() ? b.content : a.content;
    return longer.size() == 13 && shorter.size() == 12 && longer.front() == std::byte{'0'} &&
           std::equal(shorter.begin(), shorter.end(), longer.begin() + 1);
}

bool atOnePlace(const ReadCode &a, const ReadCode &b)
{
    constexpr double kShare = 0.3;
    return Footprint(a).sharedWith(Footprint(b)) > kShare;
}

} // namespace

bool isLinear(Symbology symbology)
{
    switch (symbology) {
    case Symbology::QRCode:
    case Symbology::MicroQRCode:
    case Symbology::PDF417:
    case Symbology::Aztec:
    case Symbology::DataMatrix:
        return false;
    case Symbology::Code128:
    case Symbology::Code39:
    case Symbology::ITF:
    case Symbology::EAN13:
    case Symbology::EAN8:
    case Symbology::UPCA:
    case Symbology::UPCE:
        return true;
    }
    return true;
}

bool partsAreCodes(Symbology symbology)
{
    return symbology == Symbology::ITF || symbology == Symbology::Code39;
}

bool hasCheckDigit(const ReadCode &code)
{
    int sum = 0, weight = 1;
    for (auto digit = code.content.rbegin(); digit != code.content.rend(); ++digit, weight = 4 - weight)
        sum += weight * (static_cast<int>(*digit) - '0');
    return sum % 10 == 0;
}

int readingsNeeded(const ReadCode &code)
{
    switch (code.symbology) {
    // Error correction: a wrong reading is next to impossible.
    case Symbology::QRCode:
    case Symbology::PDF417:
    case Symbology::DataMatrix:
        return 1;
    // A check character of 103 possible ones, or so little redundancy that damage can turn one into another.
    case Symbology::Code128:
    case Symbology::MicroQRCode:
        return 2;
    case Symbology::Aztec:
        return code.content.size() < kSmallAztec ? 2 : 1;
    // No check character that has to be there, one of 10, or few digits.
    case Symbology::EAN13:
    case Symbology::UPCA:
    case Symbology::Code39:
    case Symbology::ITF:
    case Symbology::EAN8:
    case Symbology::UPCE:
        return 3;
    }
    return 3;
}

bool Evidence::add(const ReadCode &code, Weight weight)
{
    const Key key{code.symbology, code.content};
    if (m_candidates.size() >= kCandidatesMax && !m_candidates.contains(key))
        return false;
    if (code.symbology == Symbology::ITF && code.content.size() < kNoItf)
        return false;
    Candidate &candidate = m_candidates[key];
    const bool thin = isLinear(code.symbology) && weight != Weight::Agreed && thickness(code) < m_thin;
    if (!candidate.believed && (candidate.weight == 0 || !thin))
        candidate.code = code;
    candidate.sound = candidate.sound || (weight != Weight::Changed && !thin);
    candidate.plain = candidate.plain || (weight == Weight::Plain && !thin);
    candidate.thick = candidate.thick || !thin;
    candidate.weight += thin ? 0.5 : worth(code, weight);
    if (isLinear(code.symbology) || candidate.believed || candidate.weight < readingsNeeded(code) || isTaken(code))
        return false;
    candidate.believed = true;
    ++m_believed;
    m_matrices.emplace_back(code);
    return true;
}

bool Evidence::isTaken(const ReadCode &code) const
{
    constexpr double kShare = 0.3;
    const Footprint here(code);
    return std::any_of(m_matrices.begin(), m_matrices.end(),
                       [&](const Footprint &other) { return here.sharedWith(other) > kShare; });
}

bool Evidence::isHiddenBy(const Candidate &other, const Candidate &candidate) const
{
    if (&other == &candidate || !isLinear(other.code.symbology) || sameDigits(other.code, candidate.code) ||
        !atOnePlace(other.code, candidate.code))
        return false;
    const std::size_t here = candidate.code.content.size(), there = other.code.content.size();
    const bool mayBePart = other.code.symbology == candidate.code.symbology && partsAreCodes(other.code.symbology);
    if (mayBePart && here != there)
        return here < there && other.weight * 3 >= candidate.weight;
    // No two codes stand at one place: what fewer pictures show is a misreading, and what hardly more show may be one.
    return other.believed || other.weight * 2 > candidate.weight;
}

bool Evidence::isHidden(const Candidate &candidate) const
{
    return isTaken(candidate.code) || std::any_of(m_candidates.begin(), m_candidates.end(), [&](const auto &entry) {
               return isHiddenBy(entry.second, candidate);
           });
}

std::vector<Footprint> Evidence::places() const
{
    std::vector<Footprint> places;
    for (const auto &[key, candidate] : m_candidates) {
        if (candidate.believed)
            places.emplace_back(candidate.code);
    }
    return places;
}

std::vector<ReadCode> Evidence::settle(Moment moment, const std::function<bool(const ReadCode &)> &isWhole)
{
    std::vector<ReadCode> believed;
    for (auto &[key, candidate] : m_candidates) {
        if (!isLinear(key.first) || candidate.believed || candidate.weight < readingsNeeded(candidate.code) ||
            isHidden(candidate))
            continue;
        // A few lines at an angle to the bars leave them before their end.
        if (partsAreCodes(key.first) && !candidate.sound && (moment != Moment::AtTheEnd || !candidate.thick))
            continue;
        // What many lines of the picture as it is read to its end is whole, whatever stands beside it.
        if (!candidate.plain && !isWhole(candidate.code))
            continue;
        candidate.believed = true;
        ++m_believed;
        believed.push_back(candidate.code);
    }
    return believed;
}

} // namespace voelgoed::hal

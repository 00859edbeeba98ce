#include "device/hal/reader/evidence.h"

#include <algorithm>
#include <cmath>

namespace voelgoed::hal {

namespace {

constexpr std::size_t kCandidatesMax = 200;
constexpr std::size_t kShortItf = 6; ///< digits below which an interleaved code says next to nothing

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

Evidence::Place placeOf(const ReadCode &code)
{
    Evidence::Place place;
    for (const Point &corner : code.corners) {
        place.x += corner.x / 4;
        place.y += corner.y / 4;
    }
    for (const Point &corner : code.corners)
        place.reach = std::max(place.reach, std::hypot(corner.x - place.x, corner.y - place.y));
    return place;
}

bool atOnePlace(const ReadCode &a, const ReadCode &b)
{
    const Evidence::Place one = placeOf(a), other = placeOf(b);
    return std::hypot(one.x - other.x, one.y - other.y) < std::max(one.reach, other.reach) + 2;
}

} // namespace

bool partsAreCodes(Symbology symbology)
{
    return symbology == Symbology::ITF || symbology == Symbology::Code39;
}

int readingsNeeded(const ReadCode &code)
{
    switch (code.symbology) {
    // Error correction: a wrong reading is next to impossible.
    case Symbology::QRCode:
    case Symbology::PDF417:
    case Symbology::Aztec:
    case Symbology::DataMatrix:
        return 1;
    // A check character of 103 possible ones, or little redundancy.
    case Symbology::Code128:
    case Symbology::MicroQRCode:
        return 2;
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
    if (m_accepted.contains(key) || (m_candidates.size() >= kCandidatesMax && !m_candidates.contains(key)))
        return false;
    if (code.symbology == Symbology::ITF && code.content.size() < kShortItf)
        return false;
    Candidate &candidate = m_candidates[key];
    candidate.code = code;
    candidate.sound = candidate.sound || weight != Weight::Changed;
    candidate.readings += weight == Weight::Changed ? 1 : readingsNeeded(code);
    if (isLinear(code.symbology) || candidate.readings < readingsNeeded(code) || isTaken(code))
        return false;
    m_accepted.insert(key);
    m_places.push_back(placeOf(code));
    return true;
}

bool Evidence::isTaken(const ReadCode &code) const
{
    const Place here = placeOf(code);
    return std::any_of(m_places.begin(), m_places.end(), [&](const Place &other) {
        return std::hypot(here.x - other.x, here.y - other.y) < std::max(here.reach, other.reach) / 2;
    });
}

bool Evidence::isHidden(const Candidate &candidate) const
{
    return std::any_of(m_candidates.begin(), m_candidates.end(), [&](const auto &entry) {
        const Candidate &other = entry.second;
        if (&other == &candidate || !isLinear(other.code.symbology) || !atOnePlace(other.code, candidate.code))
            return false;
        const std::size_t here = candidate.code.content.size(), there = other.code.content.size();
        const bool mayBePart = other.code.symbology == candidate.code.symbology && partsAreCodes(other.code.symbology);
        if (mayBePart && here != there)
            return here < there && other.readings * 3 >= candidate.readings;
        // No two codes stand at one place: what fewer pictures show is a misreading.
        return other.sound != candidate.sound ? other.sound : other.readings > candidate.readings;
    });
}

std::vector<ReadCode> Evidence::settle(Moment moment, const std::function<bool(const ReadCode &)> &isWhole)
{
    std::vector<ReadCode> believed;
    for (const auto &[key, candidate] : m_candidates) {
        if (!isLinear(key.first) || m_accepted.contains(key) || candidate.readings < readingsNeeded(candidate.code) ||
            isHidden(candidate))
            continue;
        if (partsAreCodes(key.first) && !candidate.sound && moment != Moment::AtTheEnd)
            continue;
        if (!isWhole(candidate.code))
            continue;
        m_accepted.insert(key);
        believed.push_back(candidate.code);
    }
    return believed;
}

} // namespace voelgoed::hal

#include "device/core/index/code_table.h"

#include <cstring>
#include <utility>

namespace voelgoed::index {

namespace {

constexpr std::size_t placesFor(std::size_t codes)
{
    return codes + codes * 3 / 5 + 16;
}

} // namespace

std::size_t CodeTable::homeOf(const domain::CodeHash &hash) const
{
    // The hash is a SHA-256's: any eight bytes of it are evenly spread. Scaled to the table by a multiplication.
    std::uint64_t number = 0;
    std::memcpy(&number, hash.data(), sizeof number);
    return static_cast<std::size_t>(static_cast<unsigned __int128>(number) * m_places.size() >> 64);
}

std::size_t CodeTable::placeOf(const domain::CodeHash &hash) const
{
    std::size_t at = homeOf(hash);
    while (m_places[at].ordinal != 0 && m_places[at].hash != hash)
        at = at + 1 == m_places.size() ? 0 : at + 1;
    return at;
}

void CodeTable::rehash(std::size_t places)
{
    const std::vector<Place> before = std::exchange(m_places, std::vector<Place>(places));
    for (const Place &place : before) {
        if (place.ordinal != 0)
            m_places[placeOf(place.hash)] = place;
    }
}

void CodeTable::reserve(std::size_t codes)
{
    if (placesFor(codes) > m_places.size())
        rehash(placesFor(codes));
}

base::Result<void> CodeTable::add(const domain::CodeHash &hash, domain::Ordinal ordinal)
{
    base::ensure(ordinal.value != 0, "a code that leads to no ticket");
    if (placesFor(m_size + 1) > m_places.size())
        rehash(placesFor((m_size + 1) * 2));
    Place &place = m_places[placeOf(hash)];
    if (place.ordinal == ordinal.value)
        return {};
    if (place.ordinal != 0)
        return base::Error{base::ErrorCode::Conflict,
                           "one code leads to tickets " + std::to_string(place.ordinal) + " and " +
                               std::to_string(ordinal.value),
                           "Two tickets of the list have the same code. Correct the list and load it again."};
    place = {hash, ordinal.value};
    ++m_size;
    return {};
}

void CodeTable::remove(const domain::CodeHash &hash, domain::Ordinal ordinal)
{
    if (m_places.empty())
        return;
    std::size_t hole = placeOf(hash);
    if (m_places[hole].ordinal != ordinal.value)
        return;
    // Whatever stands behind the hole only because this one was in its way moves up.
    const auto behind = [this](std::size_t at) { return at + 1 == m_places.size() ? 0 : at + 1; };
    for (std::size_t at = behind(hole); m_places[at].ordinal != 0; at = behind(at)) {
        const std::size_t home = homeOf(m_places[at].hash);
        const bool homeIsBetween = hole < at ? hole < home && home <= at : hole < home || home <= at;
        if (homeIsBetween)
            continue;
        m_places[hole] = m_places[at];
        hole = at;
    }
    m_places[hole] = {};
    --m_size;
}

std::optional<domain::Ordinal> CodeTable::find(const domain::CodeHash &hash) const
{
    if (m_places.empty())
        return std::nullopt;
    const Place &place = m_places[placeOf(hash)];
    return place.ordinal != 0 ? std::optional(domain::Ordinal{place.ordinal}) : std::nullopt;
}

} // namespace voelgoed::index

#pragma once

#include "device/core/hal/barcode_reader.h"

#include <map>
#include <set>
#include <utility>

namespace voelgoed::hal {

/// Under what circumstances a code was read.
enum class Weight : std::uint8_t
{
    Plain,   ///< in the picture as it is
    Agreed,  ///< in parts of the picture that agree with each other
    Changed, ///< in a picture that was changed: noise can look like a weak code there
};

/// Decides when a code that was read is believed. One search, one thread.
class Evidence
{
public:
    /// True when this reading makes the code believed, and it was not before.
    bool add(const ReadCode &code, Weight weight);

    std::size_t accepted() const { return m_accepted.size(); }

private:
    using Key = std::pair<Symbology, base::Bytes>;

    std::set<Key> m_accepted;
    std::map<Key, int> m_seen;
};

/// How many readings of changed pictures a kind needs.
int readingsNeeded(const ReadCode &code);

} // namespace voelgoed::hal

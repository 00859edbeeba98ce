#pragma once

#include "device/gate/ask.h"

#include <string>

namespace voelgoed::gate {

struct RepairOptions
{
    std::string folder;
    std::string rescue; ///< the rescue journal; empty: where the folder remembers it
    Style style = Style::Text;
    enum class Consent { Ask, Given } consent = Consent::Ask;
};

/// Says what can be saved of a folder's damaged file, and, with consent, does it: a new file from what was saved, the
/// old one put aside in the folder. Leaves a sound one alone. Exit status 0 sound or repaired, 2 it could not be done,
/// 3 damaged and nobody said yes.
int repair(const RepairOptions &options, const Machine &machine, const Streams &streams);

} // namespace voelgoed::gate

#pragma once

#include "device/core/hal/barcode_reader.h"
#include "device/hal/reader/recipe.h"
#include "device/hal/reader/regions.h"

namespace voelgoed::hal {

/// What a recipe may refer to. Borrows.
struct Surroundings
{
    const Regions &regions;
    Effort effort = Effort::Still;
};

/// The picture as the recipe wants to look at it, but for its polarity.
View prepared(const View &base, const Recipe &recipe, const Surroundings &around);

/// The last step, when the polarity is known: light around it, for codes without a quiet zone.
View finished(const View &view, const Recipe &recipe);

} // namespace voelgoed::hal

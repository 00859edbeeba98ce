#include "tests/support/places.h"

namespace voelgoed::test {

const char *sourceFolder()
{
    return VOELGOED_SOURCE_DIR;
}

const char *programFolder()
{
    return VOELGOED_BIN_DIR;
}

} // namespace voelgoed::test

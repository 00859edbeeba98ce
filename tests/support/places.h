// Where the tests find the tree and the programs. Compiled once, so that no other object depends on where the tree
// lies.
#pragma once

namespace voelgoed::test {

// The top folder of the sources; ends without a slash. Never null.
const char *sourceFolder();

// The folder that the programs were built into; ends without a slash. Never null.
const char *programFolder();

} // namespace voelgoed::test

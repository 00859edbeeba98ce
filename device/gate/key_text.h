#pragma once

#include "shared/base/bytes.h"

#include <string>

namespace voelgoed::gate {

/// A signer's public key as people hand it over: "ed25519:" and 64 hexadecimal digits, the digits alone, or the path of
/// a file with either, with a JSON object that holds it as "public", or with a PEM public key.
base::Result<base::Bytes> readTrustKey(const std::string &text);

} // namespace voelgoed::gate

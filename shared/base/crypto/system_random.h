#pragma once

#include "shared/base/random.h"

namespace voelgoed::base {

/// The operating system's generator, through OpenSSL: for keys, identifiers and nonces. Any thread.
class SystemRandom final : public Random
{
public:
    void fill(std::span<std::byte> out) override;
};

} // namespace voelgoed::base

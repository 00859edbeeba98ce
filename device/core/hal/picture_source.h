#pragma once

#include "shared/base/result.h"

#include <string>
#include <vector>

namespace voelgoed::hal {

/// A place where pictures of codes appear. One thread; never blocks.
class PictureSource
{
public:
    virtual ~PictureSource() = default;

    virtual int descriptor() const = 0;
    /// Paths of pictures that are complete and were not handed over before.
    virtual base::Result<std::vector<std::string>> take() = 0;
    /// The picture has been dealt with; it is not handed over again, also after a restart.
    virtual void done(const std::string &path) = 0;
    virtual std::string name() const = 0;
};

} // namespace voelgoed::hal

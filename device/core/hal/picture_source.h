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
    /// How long to wait at most before take() is called anyway; negative: as long as it takes.
    virtual int waitMs() const { return -1; }
    /// Paths of pictures that are complete and were not handed over before. Unavailable when the place is gone for the
    /// moment; it may come back.
    virtual base::Result<std::vector<std::string>> take() = 0;
    /// The picture has been dealt with; it is not handed over again, also after a restart.
    virtual void done(const std::string &path) = 0;
    virtual std::string name() const = 0;
};

} // namespace voelgoed::hal

#pragma once

#include "device/core/hal/picture_file.h"

#include <string>
#include <vector>

namespace voelgoed::hal {

/// A picture that appeared, as it was then.
struct SeenPicture
{
    std::string path;
    std::string version; ///< the source's own name for it
    int pagesDone = 0;   ///< of a document that was begun before a restart
    base::Result<PictureFile> contents = base::invalid("nothing");
};

/// A place where pictures of codes appear. One thread; never blocks.
class PictureSource
{
public:
    virtual ~PictureSource() = default;

    virtual int descriptor() const = 0;
    /// How long to wait at most before take() is called anyway; negative: as long as it takes.
    virtual int waitMs() const { return -1; }
    /// At most so many pictures that are complete and were not handed over before; the others later. Another picture of
    /// the same name is another picture. Unavailable when the place is gone for the moment; it may come back.
    virtual base::Result<std::vector<SeenPicture>> take(std::size_t most) = 0;

    // Whether it is so after a restart too, which is not when this fails:
    /// That picture has been dealt with: it is not handed over again.
    virtual base::Result<void> done(const std::string &version) = 0;
    /// So many pages of that document have been dealt with, from the first.
    virtual base::Result<void> pagesDone(const std::string &version, int pages) = 0;
    virtual std::string name() const = 0;
};

} // namespace voelgoed::hal

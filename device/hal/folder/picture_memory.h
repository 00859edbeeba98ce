#pragma once

#include "shared/base/result.h"

#include <functional>
#include <map>
#include <string>

namespace voelgoed::hal {

/// One version of a picture: what lies under a name may be another picture a moment later.
struct PictureStamp
{
    std::string name; ///< in its folder
    std::int64_t size = 0;
    std::int64_t seconds = 0; ///< of its last change
    std::int64_t nanos = 0;

    friend bool operator==(const PictureStamp &, const PictureStamp &) = default;
};

/// Which pictures of one folder were dealt with, in a file of a line each: name, size and time of change, a digest of
/// the contents, and for a document that is not finished the number of pages that are. What add() returned from is on
/// the disk. Names are escaped: whatever they hold, a line is a line.
class PictureMemory
{
public:
    struct Files
    {
        std::string own;       ///< of this folder alone
        std::string inherited; ///< what an older version kept for all folders together; read while there is no own one
    };

    /// `folder` is written into the file, for people.
    PictureMemory(Files files, std::string folder);

    /// Whether a picture of that name, size and time was dealt with. Its contents are not looked at.
    bool holds(const PictureStamp &stamp) const;
    /// The same for those contents.
    bool holds(const PictureStamp &stamp, const std::string &digest) const;
    /// How many pages of a document were dealt with; 0: none.
    int pagesOf(const PictureStamp &stamp, const std::string &digest) const;

    /// Unavailable when it cannot be written: it is known from now on, but not after a restart. The next one that can
    /// be written brings it along.
    base::Result<void> add(const PictureStamp &stamp, const std::string &digest);
    base::Result<void> addPages(const PictureStamp &stamp, const std::string &digest, int pages);

    std::size_t size() const { return m_known.size(); }
    /// Forgets what is not there any more.
    base::Result<void> keep(const std::function<bool(const std::string &stampText)> &isThere);
    /// As keep() gets to see it.
    static std::string textOf(const PictureStamp &stamp);

private:
    void read(const std::string &file);
    base::Result<void> append(const std::string &line);
    base::Result<void> rewrite();

    Files m_files;
    std::string m_folder;
    std::map<std::string, int> m_known; ///< pages, or kWhole, by stamp and digest
    bool m_isWhole = false;             ///< the file holds all of it, and ends with a line's end
};

} // namespace voelgoed::hal

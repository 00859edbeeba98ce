#pragma once

#include "device/core/hal/picture_source.h"
#include "device/hal/folder/picture_memory.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace voelgoed::hal {

/// Pictures dropped into a folder (PNG, JPEG, WebP, PDF), by inotify: a file counts as complete when its writer closes
/// it or moves it in, and is read into memory then. Those that lie there at the start are handed over first, in order
/// of name. What was dealt with is remembered for as long as it lies there; the pictures themselves are left alone. A
/// folder that goes away (a stick that is pulled out) is looked for once a second until it is back.
class FolderSource final : public PictureSource
{
public:
    /// `memory`: the files that remember, this folder's own and the one before it.
    static base::Result<std::unique_ptr<FolderSource>> open(const std::string &folder,
                                                            const PictureMemory::Files &memory);
    ~FolderSource() override;

    int descriptor() const override { return m_descriptor; }
    int waitMs() const override;
    base::Result<std::vector<SeenPicture>> take(std::size_t most) override;
    base::Result<void> done(const std::string &version) override;
    base::Result<void> pagesDone(const std::string &version, int pages) override;
    std::string name() const override { return m_folder; }

    /// So many names wait at most; what is beyond is found by looking again.
    static constexpr std::size_t kWaitingMax = 10'000;
    /// So many are remembered before those that are gone are forgotten.
    static constexpr std::size_t kRememberedMax = 10'000;

private:
    FolderSource(std::string folder, const PictureMemory::Files &memory);

    base::Result<void> watch();
    base::Error lost();
    base::Result<void> readEvents();
    void await(const std::string &name);
    void lookAround();
    /// Names of pictures, in order. Nothing when the folder cannot be read to its end.
    std::optional<std::vector<std::string>> listed() const;
    void list();
    std::optional<SeenPicture> look(const std::string &name);
    base::Result<void> forgetWhatIsGone();

    struct Handed
    {
        PictureStamp stamp;
        std::string digest;
    };

    std::string m_folder;
    PictureMemory m_memory;
    int m_descriptor = -1;
    int m_watch = -1;                       ///< -1 while the folder is gone
    bool m_lookAround = false;              ///< not all that lies there was seen
    std::string m_listedTo;                 ///< the name up to which it was
    std::deque<std::string> m_waiting;      ///< names that something was heard of
    std::map<std::string, Handed> m_handed; ///< by version: not done yet
    std::set<std::string> m_failed;         ///< versions that could not be read, and were said to be so
    std::size_t m_forgetAt = kRememberedMax;
};

} // namespace voelgoed::hal

#pragma once

#include "device/core/hal/picture_source.h"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace voelgoed::hal {

/// Pictures dropped into a folder (PNG, JPEG, WebP, PDF), by inotify: a file counts as complete when its writer closes
/// it or moves it in. Those that lie there at the start are handed over first, in order of name. What was dealt with is
/// remembered in a file of its own, by name, size and time of change, for as long as it lies there; the pictures
/// themselves are left alone. A folder that goes away (a stick that is pulled out) is looked for once a second until it
/// is back.
class FolderSource final : public PictureSource
{
public:
    /// `memory`: path of the file that remembers.
    static base::Result<std::unique_ptr<FolderSource>> open(const std::string &folder, const std::string &memory);
    ~FolderSource() override;

    int descriptor() const override { return m_descriptor; }
    int waitMs() const override;
    /// At most kAtOnce; the others later.
    base::Result<std::vector<std::string>> take() override;
    void done(const std::string &path) override;
    std::string name() const override { return m_folder; }

    static constexpr std::size_t kAtOnce = 500;
    /// So many are remembered before those that are gone are forgotten.
    static constexpr std::size_t kRememberedMax = 10'000;

private:
    FolderSource(std::string folder, std::string memory);

    base::Result<void> watch();
    base::Error lost();
    /// Paths of pictures, in order. Nothing when the folder cannot be read to its end.
    std::optional<std::vector<std::string>> listed() const;
    std::string keyOf(const std::string &path) const;
    void forgetWhatIsGone();

    std::string m_folder;
    std::string m_memory;
    int m_descriptor = -1;
    int m_watch = -1; ///< -1 while the folder is gone
    bool m_listedOnce = false;
    std::set<std::string> m_done;   ///< keys
    std::set<std::string> m_handed; ///< keys of what is not done yet
    bool m_more = false;            ///< not all that lie there were handed over
    std::size_t m_forgetAt = kRememberedMax;
};

} // namespace voelgoed::hal

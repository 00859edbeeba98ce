#include "device/hal/folder/folder_source.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

namespace voelgoed::hal {

using base::Result;

namespace {

constexpr int kLookAgainMs = 1'000;
constexpr int kGoOnMs = 50; ///< between two portions of a folder that holds many
constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_MOVE_SELF | IN_ONLYDIR;

bool isPicture(const std::string &name)
{
    static constexpr std::array<std::string_view, 5> kEndings{".png", ".jpg", ".jpeg", ".webp", ".pdf"};
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    // A name with a dot in front is one that its writer has not finished.
    return !lower.starts_with('.') && std::any_of(kEndings.begin(), kEndings.end(),
                                                  [&](std::string_view ending) { return lower.ends_with(ending); });
}

/// A file that is whole when it appears: a link to one that is there already. Others are written first.
bool isLink(const std::string &path)
{
    struct stat status
    {};
    return ::lstat(path.c_str(), &status) == 0 && (S_ISLNK(status.st_mode) || status.st_nlink > 1);
}

base::Error failure(const std::string &what)
{
    return {base::ErrorCode::Unavailable, what + ": " + std::strerror(errno), {}};
}

} // namespace

FolderSource::FolderSource(std::string folder, std::string memory)
    : m_folder(std::move(folder)), m_memory(std::move(memory))
{
    std::ifstream remembered(m_memory);
    for (std::string line; std::getline(remembered, line);)
        m_done.insert(line);
}

FolderSource::~FolderSource()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Result<std::unique_ptr<FolderSource>> FolderSource::open(const std::string &folder, const std::string &memory)
{
    std::unique_ptr<FolderSource> source(new FolderSource(folder, memory));
    source->m_descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (source->m_descriptor < 0)
        return failure("inotify");
    if (auto watching = source->watch(); !watching)
        return watching.error();
    source->forgetWhatIsGone();
    return source;
}

Result<void> FolderSource::watch()
{
    m_watch = ::inotify_add_watch(m_descriptor, m_folder.c_str(), kEvents);
    if (m_watch < 0)
        return failure(m_folder);
    m_listedOnce = false; // what came before the watch did
    return {};
}

base::Error FolderSource::lost()
{
    ::inotify_rm_watch(m_descriptor, std::exchange(m_watch, -1));
    return {base::ErrorCode::Unavailable, m_folder + ": the folder is gone", {}};
}

int FolderSource::waitMs() const
{
    return m_watch < 0 ? kLookAgainMs : m_more ? kGoOnMs : -1;
}

std::string FolderSource::keyOf(const std::string &path) const
{
    struct stat status
    {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        return {};
    return std::filesystem::path(path).filename().string() + "\t" + std::to_string(status.st_size) + "\t" +
           std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

std::optional<std::vector<std::string>> FolderSource::listed() const
{
    std::vector<std::string> paths;
    std::error_code failed;
    std::filesystem::directory_iterator entry(m_folder, failed);
    for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
        if (isPicture(entry->path().filename().string()))
            paths.push_back(entry->path().string());
    }
    if (failed)
        return std::nullopt;
    std::sort(paths.begin(), paths.end());
    return paths;
}

Result<std::vector<std::string>> FolderSource::take()
{
    if (m_watch < 0) {
        if (auto watching = watch(); !watching)
            return watching.error();
    }
    std::vector<std::string> candidates;
    if (!m_listedOnce || m_more) {
        candidates = listed().value_or(std::vector<std::string>());
        m_listedOnce = true;
    }
    alignas(inotify_event) char buffer[16384];
    for (;;) {
        const ssize_t got = ::read(m_descriptor, buffer, sizeof buffer);
        if (got <= 0)
            break;
        for (ssize_t at = 0; at < got;) {
            inotify_event event{};
            std::memcpy(&event, buffer + at, sizeof event);
            if ((event.mask & IN_Q_OVERFLOW) != 0)
                m_listedOnce = false; // too many at once to be told of each: look for oneself
            else if (event.wd == m_watch && (event.mask & (IN_IGNORED | IN_MOVE_SELF)) != 0)
                return lost(); // what else came is found when the folder is back
            else if (event.len > 0 && isPicture(buffer + at + sizeof event) &&
                     ((event.mask & IN_CREATE) == 0 || isLink(m_folder + "/" + (buffer + at + sizeof event))))
                candidates.push_back(m_folder + "/" + (buffer + at + sizeof event));
            at += static_cast<ssize_t>(sizeof event + event.len);
        }
    }
    std::vector<std::string> fresh;
    m_more = false;
    for (const std::string &path : candidates) {
        if (fresh.size() == kAtOnce) {
            m_more = true;
            break;
        }
        const std::string key = keyOf(path);
        if (!key.empty() && !m_done.contains(key) && m_handed.insert(key).second)
            fresh.push_back(path);
    }
    return fresh;
}

void FolderSource::done(const std::string &path)
{
    const std::string key = keyOf(path);
    m_handed.erase(key);
    if (key.empty() || key.find('\n') != std::string::npos || !m_done.insert(key).second)
        return;
    std::ofstream(m_memory, std::ios::app) << key << "\n";
    if (m_done.size() >= m_forgetAt)
        forgetWhatIsGone();
}

void FolderSource::forgetWhatIsGone()
{
    const auto paths = m_watch < 0 ? std::nullopt : listed();
    if (!paths)
        return;
    std::set<std::string> there;
    for (const std::string &path : *paths) {
        if (const std::string key = keyOf(path); m_done.contains(key))
            there.insert(key);
    }
    m_forgetAt = std::max(kRememberedMax, 2 * there.size());
    if (there.size() == m_done.size())
        return;
    m_done = std::move(there);
    const std::string fresh = m_memory + ".new";
    std::ofstream file(fresh, std::ios::trunc);
    for (const std::string &key : m_done)
        file << key << "\n";
    file.close();
    std::error_code failed; // then the old one stays, which holds as much and more
    if (file)
        std::filesystem::rename(fresh, m_memory, failed);
}

} // namespace voelgoed::hal

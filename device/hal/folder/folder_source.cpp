#include "device/hal/folder/folder_source.h"

#include "shared/base/crypto/digest.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

namespace voelgoed::hal {

using base::Result;

namespace {

constexpr int kLookAgainMs = 1'000;
constexpr std::size_t kDigestOf = 4 << 20; ///< bytes from the beginning
constexpr std::size_t kDigestDigits = 32;
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

std::optional<PictureStamp> stampOf(const std::string &folder, const std::string &name)
{
    struct stat status
    {};
    if (::stat((folder + "/" + name).c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        return std::nullopt;
    return PictureStamp{name, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

std::string digestOf(const PictureFile &picture)
{
    return base::toHex(base::sha256(picture.bytesAt(0, kDigestOf))).substr(0, kDigestDigits);
}

base::Error failure(const std::string &what)
{
    return {base::ErrorCode::Unavailable, what + ": " + std::strerror(errno), {}};
}

} // namespace

FolderSource::FolderSource(std::string folder, const PictureMemory::Files &memory)
    : m_folder(std::move(folder)), m_memory(memory, m_folder)
{}

FolderSource::~FolderSource()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Result<std::unique_ptr<FolderSource>> FolderSource::open(const std::string &folder, const PictureMemory::Files &memory)
{
    std::unique_ptr<FolderSource> source(new FolderSource(folder, memory));
    source->m_descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (source->m_descriptor < 0)
        return failure("inotify");
    if (auto watching = source->watch(); !watching)
        return watching.error();
    (void)source->forgetWhatIsGone(); // that it cannot be written is said when something was read
    return source;
}

Result<void> FolderSource::watch()
{
    m_watch = ::inotify_add_watch(m_descriptor, m_folder.c_str(), kEvents);
    if (m_watch < 0)
        return failure(m_folder);
    lookAround(); // for what came before the watch did
    return {};
}

base::Error FolderSource::lost()
{
    ::inotify_rm_watch(m_descriptor, std::exchange(m_watch, -1));
    m_waiting.clear();
    return {base::ErrorCode::Unavailable, m_folder + ": the folder is gone", {}};
}

int FolderSource::waitMs() const
{
    if (m_watch < 0)
        return kLookAgainMs;
    return m_lookAround || !m_waiting.empty() ? 0 : -1;
}

std::optional<std::vector<std::string>> FolderSource::listed() const
{
    std::vector<std::string> names;
    std::error_code failed;
    std::filesystem::directory_iterator entry(m_folder, failed);
    for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
        if (std::string name = entry->path().filename().string(); isPicture(name))
            names.push_back(std::move(name));
    }
    if (failed)
        return std::nullopt;
    std::sort(names.begin(), names.end());
    return names;
}

void FolderSource::lookAround()
{
    m_lookAround = true;
    m_listedTo.clear();
}

void FolderSource::list()
{
    const auto names = listed().value_or(std::vector<std::string>());
    for (auto name = std::upper_bound(names.begin(), names.end(), m_listedTo); name != names.end(); ++name) {
        if (m_waiting.size() >= kWaitingMax)
            return; // the rest when these are done
        m_listedTo = *name;
        const auto stamp = stampOf(m_folder, *name);
        // Where there is no stamp, whoever reads it finds out why.
        if (!stamp || !m_memory.holds(*stamp))
            m_waiting.push_back(*name);
    }
    m_lookAround = false;
}

void FolderSource::await(const std::string &name)
{
    if (m_waiting.size() < kWaitingMax)
        m_waiting.push_back(name);
    else
        lookAround();
}

Result<void> FolderSource::readEvents()
{
    alignas(inotify_event) char buffer[16384];
    for (;;) {
        const ssize_t got = ::read(m_descriptor, buffer, sizeof buffer);
        if (got <= 0)
            return {};
        for (ssize_t at = 0; at < got;) {
            inotify_event event{};
            std::memcpy(&event, buffer + at, sizeof event);
            const char *name = buffer + at + sizeof event;
            if ((event.mask & IN_Q_OVERFLOW) != 0)
                lookAround(); // too many at once to be told of each: look for oneself
            else if (event.wd == m_watch && (event.mask & (IN_IGNORED | IN_MOVE_SELF)) != 0)
                return lost(); // what else came is found when the folder is back
            else if (event.len > 0 && isPicture(name) &&
                     ((event.mask & IN_CREATE) == 0 || isLink(m_folder + "/" + name)))
                await(name);
            at += static_cast<ssize_t>(sizeof event + event.len);
        }
    }
}

Result<std::vector<SeenPicture>> FolderSource::take(std::size_t most)
{
    if (m_watch < 0) {
        if (auto watching = watch(); !watching)
            return watching.error();
    }
    std::vector<SeenPicture> fresh;
    if (most == 0)
        return fresh;
    if (auto heard = readEvents(); !heard)
        return heard.error();
    if (m_lookAround && m_waiting.empty())
        list();
    while (fresh.size() < most && !m_waiting.empty()) {
        const std::string name = std::move(m_waiting.front());
        m_waiting.pop_front();
        if (auto seen = look(name))
            fresh.push_back(std::move(*seen));
    }
    return fresh;
}

std::optional<SeenPicture> FolderSource::look(const std::string &name)
{
    const std::string path = m_folder + "/" + name;
    auto contents = PictureFile::read(path);
    if (!contents) {
        const base::ErrorCode code = contents.error().code;
        // Gone again, or nothing that could hold a picture; or it is being written: the end of that is told, too.
        if (code == base::ErrorCode::NotFound || code == base::ErrorCode::Unsupported ||
            code == base::ErrorCode::Conflict)
            return std::nullopt;
        const auto stamp = stampOf(m_folder, name);
        std::string version = (stamp ? PictureMemory::textOf(*stamp) : name) + "\t" + contents.error().message;
        if (m_failed.size() >= kRememberedMax)
            m_failed.clear();
        if (!m_failed.insert(version).second)
            return std::nullopt;
        return SeenPicture{.path = path, .version = std::move(version), .contents = contents.error()};
    }
    const Handed handed{{name, contents->size(), contents->changedSeconds(), contents->changedNanos()},
                        digestOf(*contents)};
    std::string version = PictureMemory::textOf(handed.stamp) + "\t" + handed.digest;
    if (m_memory.holds(handed.stamp, handed.digest) || !m_handed.emplace(version, handed).second)
        return std::nullopt;
    return SeenPicture{.path = path,
                       .version = std::move(version),
                       .pagesDone = m_memory.pagesOf(handed.stamp, handed.digest),
                       .contents = std::move(contents)};
}

Result<void> FolderSource::done(const std::string &version)
{
    const auto handed = m_handed.find(version);
    if (handed == m_handed.end())
        return {}; // one that could not be read: after a restart it is tried again
    const Handed done = handed->second;
    m_handed.erase(handed);
    if (auto added = m_memory.add(done.stamp, done.digest); !added)
        return added;
    return m_memory.size() >= m_forgetAt ? forgetWhatIsGone() : Result<void>();
}

Result<void> FolderSource::pagesDone(const std::string &version, int pages)
{
    const auto handed = m_handed.find(version);
    if (handed == m_handed.end())
        return {};
    return m_memory.addPages(handed->second.stamp, handed->second.digest, pages);
}

Result<void> FolderSource::forgetWhatIsGone()
{
    const auto names = m_watch < 0 ? std::nullopt : listed();
    if (!names)
        return {};
    std::set<std::string> there;
    for (const std::string &name : *names) {
        if (const auto stamp = stampOf(m_folder, name))
            there.insert(PictureMemory::textOf(*stamp));
    }
    auto kept = m_memory.keep([&](const std::string &stamp) { return there.contains(stamp); });
    m_forgetAt = std::max(kRememberedMax, 2 * m_memory.size());
    return kept;
}

} // namespace voelgoed::hal

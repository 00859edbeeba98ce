#include "device/hal/folder/picture_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <fstream>
#include <utility>

namespace voelgoed::hal {

using base::Result;

namespace {

constexpr std::string_view kHead = "voelgoed watched 2\t";
constexpr int kWhole = INT_MAX;
constexpr int kFields = 3; ///< of a stamp

/// Injective, without tabs, line ends and other controls.
std::string escaped(std::string_view name)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7F && byte != '\\')
            text += c;
        else
            text += {'\\', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return text;
}

base::Error failure(const std::string &path)
{
    return {base::ErrorCode::Unavailable, path + ": " + std::strerror(errno),
            "What was read already may be read again after a restart."};
}

/// Writes all of it and closes. False with errno.
bool writeDurably(int file, std::string_view text)
{
    if (file < 0)
        return false;
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    const bool synced = text.empty() && ::fsync(file) == 0;
    const int why = errno;
    ::close(file);
    errno = why;
    return synced;
}

bool syncFolderOf(const std::string &path)
{
    const std::string folder = path.substr(0, path.find_last_of('/') + 1);
    const int directory = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return false;
    const bool synced = ::fsync(directory) == 0;
    ::close(directory);
    return synced;
}

std::string keyOf(const PictureStamp &stamp, const std::string &digest)
{
    return PictureMemory::textOf(stamp) + "\t" + digest;
}

std::string lineOf(const std::string &key, int pages)
{
    return pages == kWhole ? key + "\n" : key + "\t" + std::to_string(pages) + "\n";
}

/// The first fields of a line.
std::string_view stampIn(std::string_view key)
{
    std::size_t end = 0;
    for (int field = 0; field < kFields && end != std::string_view::npos; ++field)
        end = key.find('\t', field == 0 ? 0 : end + 1);
    return key.substr(0, end);
}

} // namespace

PictureMemory::PictureMemory(Files files, std::string folder) : m_files(std::move(files)), m_folder(std::move(folder))
{
    if (::access(m_files.own.c_str(), F_OK) == 0)
        read(m_files.own);
    else if (!m_files.inherited.empty())
        read(m_files.inherited);
}

void PictureMemory::read(const std::string &file)
{
    std::ifstream in(file, std::ios::binary);
    std::string line;
    bool isOurs = false;
    for (bool isFirst = true; std::getline(in, line) && !in.eof(); isFirst = false) { // the last may be torn: no end
        if (isFirst && line.starts_with(kHead)) {
            isOurs = true;
            continue;
        }
        if (!isOurs) { // name, size, time, and the name as it is
            const std::size_t time = line.rfind('\t');
            const std::size_t size = time == std::string::npos || time == 0 ? time : line.rfind('\t', time - 1);
            if (size != std::string::npos)
                m_known[escaped(line.substr(0, size)) + line.substr(size)] = kWhole;
            continue;
        }
        int pages = kWhole;
        if (std::count(line.begin(), line.end(), '\t') > kFields) {
            const std::size_t last = line.rfind('\t');
            const auto got = std::from_chars(line.data() + last + 1, line.data() + line.size(), pages);
            if (got.ec != std::errc() || got.ptr != line.data() + line.size())
                continue;
            line.resize(last);
        }
        auto &known = m_known[line];
        known = std::max(known, pages);
    }
    m_isWhole = isOurs && line.empty(); // getline leaves nothing behind a last line's end
}

std::string PictureMemory::textOf(const PictureStamp &stamp)
{
    return escaped(stamp.name) + "\t" + std::to_string(stamp.size) + "\t" + std::to_string(stamp.seconds) + "." +
           std::to_string(stamp.nanos);
}

bool PictureMemory::holds(const PictureStamp &stamp) const
{
    const std::string text = textOf(stamp);
    for (auto known = m_known.lower_bound(text); known != m_known.end() && known->first.starts_with(text); ++known) {
        const bool isIt = known->first.size() == text.size() || known->first[text.size()] == '\t';
        if (isIt && known->second == kWhole)
            return true;
    }
    return false;
}

bool PictureMemory::holds(const PictureStamp &stamp, const std::string &digest) const
{
    // An older version kept no digest: the stamp had to do.
    return m_known.contains(textOf(stamp)) || pagesOf(stamp, digest) == kWhole;
}

int PictureMemory::pagesOf(const PictureStamp &stamp, const std::string &digest) const
{
    const auto known = m_known.find(keyOf(stamp, digest));
    return known == m_known.end() ? 0 : known->second;
}

Result<void> PictureMemory::add(const PictureStamp &stamp, const std::string &digest)
{
    return addPages(stamp, digest, kWhole);
}

Result<void> PictureMemory::addPages(const PictureStamp &stamp, const std::string &digest, int pages)
{
    const std::string key = keyOf(stamp, digest);
    int &known = m_known[key];
    if (known >= pages && m_isWhole)
        return {};
    known = std::max(known, pages);
    return m_isWhole ? append(lineOf(key, known)) : rewrite();
}

Result<void> PictureMemory::append(const std::string &line)
{
    // Never made here: a file that somebody removed is written anew, as a whole.
    const int file = ::open(m_files.own.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0)
        return rewrite();
    if (writeDurably(file, line))
        return {};
    m_isWhole = false;
    return failure(m_files.own);
}

Result<void> PictureMemory::rewrite()
{
    std::string text = std::string(kHead) + escaped(m_folder) + "\n";
    for (const auto &[key, pages] : m_known)
        text += lineOf(key, pages);
    const std::string fresh = m_files.own + ".new";
    if (!writeDurably(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), text))
        return failure(fresh);
    if (::rename(fresh.c_str(), m_files.own.c_str()) != 0 || !syncFolderOf(m_files.own))
        return failure(m_files.own);
    m_isWhole = true;
    return {};
}

Result<void> PictureMemory::keep(const std::function<bool(const std::string &)> &isThere)
{
    const std::size_t gone =
        std::erase_if(m_known, [&](const auto &known) { return !isThere(std::string(stampIn(known.first))); });
    return gone > 0 || !m_isWhole ? rewrite() : Result<void>();
}

} // namespace voelgoed::hal

#include "server/platform/http/chunks.h"

#include <algorithm>
#include <charconv>

namespace voelgoed::http {

namespace {

constexpr std::size_t kLineMax = 4096;
constexpr std::size_t kTrailersMax = 8192;
constexpr std::size_t kDigitsMax = 16;

bool isClean(std::string_view line)
{
    return std::none_of(line.begin(), line.end(),
                        [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

} // namespace

ChunkReader::Step ChunkReader::takeData(std::string_view &bytes)
{
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(m_remaining, bytes.size()));
    if (size == 0)
        return {};
    const std::string_view data = bytes.substr(0, size);
    bytes.remove_prefix(size);
    m_remaining -= size;
    if (m_remaining == 0)
        m_at = At::DataEnd;
    return {Found::Data, data};
}

ChunkReader::Found ChunkReader::takeSize(std::string_view line)
{
    const std::string_view digits = line.substr(0, line.find(';'));
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), m_remaining, 16);
    if (problem != std::errc() || end != digits.data() + digits.size() || digits.size() > kDigitsMax)
        return Found::Fault;
    m_at = m_remaining > 0 ? At::Data : At::Trailer;
    return Found::Data;
}

ChunkReader::Found ChunkReader::takeTrailer(std::string_view line)
{
    if (line.empty())
        return Found::End;
    m_trailers += line.size();
    const bool isField = line.front() != ' ' && line.front() != '\t' && line.find(':') != std::string_view::npos;
    return isField && m_trailers <= kTrailersMax ? Found::Data : Found::Fault;
}

ChunkReader::Step ChunkReader::next(std::string_view &bytes)
{
    if (m_at == At::Data)
        return takeData(bytes);
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos || end > kLineMax)
        return {bytes.size() > kLineMax ? Found::Fault : Found::More, {}};
    if (end == 0 || bytes[end - 1] != '\r' || !isClean(bytes.substr(0, end - 1)))
        return {Found::Fault, {}};
    const std::string_view line = bytes.substr(0, end - 1);
    bytes.remove_prefix(end + 1);
    if (m_at == At::Trailer)
        return {takeTrailer(line), {}};
    if (m_at == At::Size)
        return {takeSize(line), {}};
    m_at = At::Size;
    return {line.empty() ? Found::Data : Found::Fault, {}};
}

} // namespace voelgoed::http

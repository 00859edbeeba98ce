#include "server/slices/audit/heads.h"

#include "shared/base/json.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

namespace voelgoed::audit {

namespace {

std::optional<Head> headFrom(const base::Json &json)
{
    const auto *object = json.if_object();
    const auto *number = object ? object->if_contains("number") : nullptr;
    const auto *hash = object ? object->if_contains("hash") : nullptr;
    if (!number || !number->is_int64() || !hash || !hash->is_string())
        return std::nullopt;
    const auto bytes = base::fromHex(hash->as_string());
    Head head{.number = number->as_int64()};
    if (!bytes || bytes->size() != head.hash.size())
        return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), head.hash.begin());
    return head;
}

} // namespace

Heads::Heads(std::string file) : m_file(std::move(file))
{
    std::ifstream in(m_file);
    std::stringstream text;
    text << in.rdbuf();
    const auto json = in ? base::parseJson(text.str()) : base::Result<base::Json>(base::Json());
    if (!json || !json->is_object())
        return;
    for (const auto &[key, value] : json->as_object()) {
        const auto organization = base::uuidFrom(key);
        const auto head = headFrom(value);
        if (organization && head)
            m_heads.emplace(*organization, *head);
    }
}

std::optional<Head> Heads::of(const base::Uuid &organization) const
{
    const auto found = m_heads.find(organization);
    return found == m_heads.end() ? std::nullopt : std::optional(found->second);
}

void Heads::saw(const base::Uuid &organization, const Head &head)
{
    Head &known = m_heads[organization];
    if (head.number <= known.number)
        return;
    known = head;
    m_hasChanged = true;
}

base::Result<void> Heads::save()
{
    if (!m_hasChanged)
        return {};
    boost::json::object json;
    for (const auto &[organization, head] : m_heads)
        json[base::toText(organization)] = {{"number", head.number}, {"hash", base::toHex(head.hash)}};
    const std::string text = base::toText(json) + "\n", beside = m_file + ".new";
    const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = descriptor >= 0 &&
                         ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::fsync(descriptor) == 0;
    if (descriptor >= 0)
        ::close(descriptor);
    if (!written || std::rename(beside.c_str(), m_file.c_str()) != 0)
        return base::Error{base::ErrorCode::Unavailable, m_file + ": cannot be written: " + std::strerror(errno), {}};
    m_hasChanged = false;
    return {};
}

} // namespace voelgoed::audit

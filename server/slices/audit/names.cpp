#include "server/slices/audit/names.h"

#include <algorithm>

namespace voelgoed::audit {

namespace {

constexpr std::string_view kMark = "~name:"; ///< before an actor's
constexpr const char *kMember = "~name";     ///< in JSON
constexpr std::size_t kKeysMax = 10'000;     ///< that a process remembers; whoever comes again gets another one

constexpr pg::Sql kPutKey{R"(
INSERT INTO audit.person_keys (organization_id, id, person, closed_key)
SELECT app.org(), $1, $2, $3
WHERE NOT EXISTS (SELECT FROM audit.forgotten WHERE organization_id = app.org() AND person = $2)
ON CONFLICT DO NOTHING)"};

std::optional<ClosedName> closedFrom(std::string_view text)
{
    const auto bytes = base::fromBase64(text);
    ClosedName found;
    if (!bytes || bytes->size() <= found.key.size())
        return std::nullopt;
    std::copy_n(bytes->begin(), found.key.size(), found.key.begin());
    found.text.assign(bytes->begin() + static_cast<std::ptrdiff_t>(found.key.size()), bytes->end());
    return found;
}

} // namespace

std::optional<ClosedName> closedNameIn(std::string_view actorName)
{
    return actorName.starts_with(kMark) ? closedFrom(actorName.substr(kMark.size())) : std::nullopt;
}

std::optional<ClosedName> closedNameIn(const base::Json &json)
{
    const auto *object = json.if_object();
    const auto *text = object && object->size() == 1 ? object->if_contains(kMember) : nullptr;
    return text && text->is_string() ? closedFrom(text->as_string()) : std::nullopt;
}

Names::Names(const base::ExchangePair &seal, base::Random &random)
    : m_lock(base::hmacSha256(seal.secret, {base::bytesOf("names in the audit trail")})), m_random(random)
{}

const Names::Key &Names::keyOf(const base::Uuid &organization, const base::Uuid &person)
{
    const auto known = m_keys.find({organization, person});
    if (known != m_keys.end())
        return known->second;
    if (m_keys.size() >= kKeysMax)
        m_keys.clear();
    Key key;
    m_random.fill(key.number);
    m_random.fill(key.secret);
    key.closed = base::encryptField(m_lock, key.secret, key.number, m_random);
    return m_keys.emplace(std::pair(organization, person), std::move(key)).first->second;
}

std::string Names::closedText(const base::Uuid &organization, const base::Uuid &person, std::string_view name,
                              std::vector<pg::Query> &last)
{
    const Key &key = keyOf(organization, person);
    last.push_back({kPutKey, pg::Params::of(key.number, person, base::ByteView(key.closed))});
    base::Bytes written(key.number.begin(), key.number.end());
    const base::Bytes closed = base::encryptField(key.secret, base::bytesOf(name), key.number, m_random);
    written.insert(written.end(), closed.begin(), closed.end());
    return base::toBase64(written);
}

std::string Names::close(const base::Uuid &organization, const base::Uuid &person, std::string_view name,
                         std::vector<pg::Query> &last)
{
    return name.empty() ? std::string() : std::string(kMark) + closedText(organization, person, name, last);
}

base::Json Names::close(const base::Uuid &organization, const base::Json &json, std::vector<pg::Query> &last)
{
    if (const auto named = work::namedIn(json))
        return {{kMember, closedText(organization, named->person, named->name, last)}};
    base::Json written = json;
    if (auto *object = written.if_object()) {
        for (auto &member : *object)
            member.value() = close(organization, member.value(), last);
    } else if (auto *list = written.if_array()) {
        for (base::Json &each : *list)
            each = close(organization, each, last);
    }
    return written;
}

std::optional<base::Digest> Names::keyFrom(const base::Uuid &number, const base::Bytes &closed) const
{
    const auto secret = base::decryptField(m_lock, closed, number);
    base::Digest key{};
    if (!secret || secret->size() != key.size())
        return std::nullopt;
    std::copy(secret->begin(), secret->end(), key.begin());
    return key;
}

} // namespace voelgoed::audit

#pragma once

#include "server/platform/work/outgoing.h"
#include "shared/base/crypto/sealed.h"

#include <functional>
#include <map>

/// Names of people in the trail, which is kept for ever, and in which nothing may change. Each is written closed, under
/// a key of that person's, which is kept beside it, closed itself under a key of the server's; without the person's key
/// nobody can read the name any more, and the chain of seals still holds.
///
/// Written form: the base64 of the key's number (16 bytes) and AES-256-GCM of the name with that number as context
/// (encryptField); as an actor's name with "~name:" before it, in JSON as {"~name": "…"}.
namespace voelgoed::audit {

struct ClosedName
{
    base::Uuid key{};
    base::Bytes text;
};

/// Nothing for what is no closed name.
std::optional<ClosedName> closedNameIn(std::string_view actorName);
std::optional<ClosedName> closedNameIn(const base::Json &json);

class Names
{
public:
    /// `random` outlives it. Keys are closed under one that comes of `seal`, so that servers of one database read each
    /// other's.
    Names(const base::ExchangePair &seal, base::Random &random);

    /// `name` as it is written. What has to be done in the same transaction, so that it can be opened, goes to `last`.
    std::string close(const base::Uuid &organization, const base::Uuid &person, std::string_view name,
                      std::vector<pg::Query> &last);
    /// The same wherever `json` holds a work::nameOf().
    base::Json close(const base::Uuid &organization, const base::Json &json, std::vector<pg::Query> &last);

    /// A person's key out of the database; nothing when it is of another server.
    std::optional<base::Digest> keyFrom(const base::Uuid &number, const base::Bytes &closed) const;

private:
    struct Key
    {
        base::Uuid number{};
        base::Digest secret{};
        base::Bytes closed;
    };
    const Key &keyOf(const base::Uuid &organization, const base::Uuid &person);
    std::string closedText(const base::Uuid &organization, const base::Uuid &person, std::string_view name,
                           std::vector<pg::Query> &last);

    base::Digest m_lock;
    base::Random &m_random;
    std::map<std::pair<base::Uuid, base::Uuid>, Key> m_keys; ///< of this process, by organization and person
};

} // namespace voelgoed::audit

#include "server/platform/work/outgoing.h"
#include "shared/base/crypto/digest.h"
#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::work {

namespace {

constexpr const char *kPerson = "~person";
constexpr const char *kName = "~name";

} // namespace

base::Json nameOf(const base::Uuid &person, std::string_view name)
{
    return {{kPerson, base::toText(person)}, {kName, name}};
}

base::Uuid personOf(std::string_view email)
{
    std::string lower(email);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const base::Digest digest = base::sha256({base::bytesOf("e-mail address "), base::bytesOf(lower)});
    base::Uuid person{};
    std::copy_n(digest.begin(), person.size(), person.begin());
    return person;
}

std::optional<Named> namedIn(const base::Json &json)
{
    const auto *object = json.if_object();
    if (!object || object->size() != 2)
        return std::nullopt;
    const auto *person = object->if_contains(kPerson), *name = object->if_contains(kName);
    if (!person || !person->is_string() || !name || !name->is_string())
        return std::nullopt;
    const auto id = base::uuidFrom(person->as_string());
    return id ? std::optional(Named{*id, std::string(name->as_string())}) : std::nullopt;
}

} // namespace voelgoed::work

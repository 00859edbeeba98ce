#include "server/platform/topics/event_rules.h"

#include "server/platform/work/envelope.h"
#include "shared/base/instant.h"

#include <algorithm>
#include <array>

namespace voelgoed::topics {

namespace {

constexpr std::size_t kTextMax = 255;
constexpr std::size_t kListMax = 64;
constexpr std::size_t kShownOfToken = 12;
constexpr std::array<std::string_view, 5> kTokens{"vgs_", "vgk_", "vgt_", "vgi_", "vgp_"};

/// Parts of field names (between underscores) that no event has: they say who somebody is, or open something.
constexpr std::array<std::string_view, 20> kForbidden{
    "email", "mail",  "phone",   "mobile", "address",  "street", "holder", "buyer", "guest", "first",
    "last",  "birth", "surname", "secret", "password", "token",  "pin",    "cvv",   "iban",  "passport"};
/// Words that allow one of them: a last scan is no last name.
constexpr std::array<std::string_view, 7> kAfterLast{"scanned", "heartbeat", "gate", "scan", "seen", "at", "ordinal"};

bool isWord(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

/// "scanning.scan_admitted.v1"
bool isVersionedType(std::string_view type)
{
    const std::size_t first = type.find('.');
    const std::size_t last = type.rfind('.');
    if (first == type.npos || first == last)
        return false;
    const std::string_view version = type.substr(last + 1);
    const bool isNumbered =
        version.size() > 1 && version.front() == 'v' && version[1] != '0' &&
        std::all_of(version.begin() + 1, version.end(), [](char c) { return c >= '0' && c <= '9'; });
    const std::string_view middle = type.substr(first + 1, last - first - 1);
    return isNumbered && isWord(type.substr(0, first)) && isWord(middle);
}

bool isForbidden(std::string_view name)
{
    for (;;) {
        const std::size_t end = name.find('_');
        const std::string_view part = name.substr(0, end);
        const std::string_view next = end == name.npos ? std::string_view() : name.substr(end + 1);
        const bool isPosition = (part == "last" || part == "first") &&
                                std::any_of(kAfterLast.begin(), kAfterLast.end(),
                                            [&](std::string_view word) { return next.starts_with(word); });
        if (!isPosition && std::find(kForbidden.begin(), kForbidden.end(), part) != kForbidden.end())
            return true;
        if (end == name.npos)
            return false;
        name = next;
    }
}

std::optional<std::string> complaintAboutText(std::string_view name, std::string_view text)
{
    if (text.size() > kTextMax)
        return std::string(name) + " is longer than 255 bytes";
    if (text.find('@') != text.npos)
        return std::string(name) + " looks like an address";
    // Of a key its beginning is shown, by which people know it.
    const bool isToken =
        text.size() > kShownOfToken &&
        std::any_of(kTokens.begin(), kTokens.end(), [&](std::string_view token) { return text.starts_with(token); });
    if (isToken || text.starts_with("Bearer "))
        return std::string(name) + " looks like a secret";
    return {};
}

std::optional<std::string> complaintAboutField(std::string_view name, const base::Json &value)
{
    if (isForbidden(name))
        return "there is a field " + std::string(name);
    if (value.is_string())
        return complaintAboutText(name, std::string_view(value.get_string()));
    if (value.is_object())
        return std::string(name) + " is not flat";
    if (!value.is_array())
        return {};
    if (value.get_array().size() > kListMax)
        return std::string(name) + " is a long list";
    for (const base::Json &item : value.get_array()) {
        if (item.is_array())
            return std::string(name) + " is not flat";
        // A list of flat rows is what occupancy needs: gates, each with its figures.
        if (item.is_object()) {
            for (const auto &field : item.get_object()) {
                if (field.value().is_structured())
                    return std::string(name) + " is not flat";
                if (auto complaint = complaintAboutField(field.key(), field.value()))
                    return complaint;
            }
        } else if (auto complaint = complaintAboutField(name, item)) {
            return complaint;
        }
    }
    return {};
}

} // namespace

std::optional<std::string> complaintAbout(std::string_view event)
{
    if (event.size() > work::eventMaxOf(work::attributeIn(event, "type")))
        return "it is larger than its slice's may be";
    const auto json = base::parseJson(event);
    if (!json || !json->is_object())
        return "it is no JSON object";
    const auto &object = json->get_object();
    const auto textOf = [&](std::string_view name) {
        const auto *field = object.if_contains(name);
        return field && field->is_string() ? std::string(field->get_string()) : std::string();
    };
    if (textOf("specversion") != "1.0" || textOf("id").empty() || textOf("source").empty())
        return "it is no CloudEvent";
    if (!isVersionedType(textOf("type")))
        return "its type has no version: " + textOf("type");
    if (!base::instantFrom(textOf("time")))
        return "it has no time";
    const auto *data = object.if_contains("data");
    if (!data || !data->is_object())
        return "it has no data";
    for (const auto &field : data->get_object()) {
        if (auto complaint = complaintAboutField(field.key(), field.value()))
            return complaint;
    }
    return {};
}

} // namespace voelgoed::topics

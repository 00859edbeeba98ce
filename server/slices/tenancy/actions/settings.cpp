#include "server/slices/tenancy/actions/settings.h"

#include "server/platform/zone/zone_files.h"

#include <algorithm>

namespace voelgoed::tenancy {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr std::size_t kUrlMax = 500;

constexpr pg::Sql kShow{R"(
SELECT currency::text, timezone, locale, primary_color, logo_url, flags, limits, alarms, bind_logins,
    version
FROM tenancy.organization_settings WHERE organization_id = app.org())"};
// The row is locked, so that what is put over it is put over what was seen.
constexpr pg::Sql kShowToChange{R"(
SELECT currency::text, timezone, locale, primary_color, logo_url, flags, limits, alarms, bind_logins,
    version
FROM tenancy.organization_settings WHERE organization_id = app.org() FOR UPDATE)"};
constexpr pg::Sql kChange{R"(
UPDATE tenancy.organization_settings
SET currency = $1, timezone = $2, locale = $3, primary_color = $4, logo_url = $5, flags = $6, limits = $7,
    alarms = $8, bind_logins = $9, version = version + 1, updated_at = now()
WHERE organization_id = app.org()
RETURNING currency::text, timezone, locale, primary_color, logo_url, flags, limits, alarms, bind_logins, version)"};

/// As this server wrote it; nothing, should somebody else have written there.
template <class Value>
std::map<std::string, Value> mapOf(const pg::Jsonb &stored)
{
    const auto json = base::parseJson(stored.text);
    std::vector<actions::FieldError> errors;
    auto values = actions::readAs<std::map<std::string, Value>>(
        actions::Input(json ? *json : base::Json(boost::json::object()), errors));
    return errors.empty() ? values : std::map<std::string, Value>();
}

SettingsOut settingsOf(const pg::Rows::Row &row)
{
    return {.currency = row.get<std::string>(0),
            .timezone = row.get<std::string>(1),
            .locale = row.get<std::string>(2),
            .primaryColor = row.get<std::string>(3),
            .logoUrl = row.get<std::string>(4),
            .flags = mapOf<bool>(row.get<pg::Jsonb>(5)),
            .limits = mapOf<std::int64_t>(row.get<pg::Jsonb>(6)),
            .alarms = alarmsFrom(row.get<pg::Jsonb>(7).text),
            .bindLogins = row.get<bool>(8),
            .version = row.get<std::int32_t>(9)};
}

bool isHex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isColour(std::string_view text)
{
    return text.size() == 7 && text[0] == '#' && std::all_of(text.begin() + 1, text.end(), isHex);
}

/// "af", "zul", "en-ZA".
bool isLocale(std::string_view text)
{
    const auto dash = std::min(text.find('-'), text.size());
    const auto isAll = [](std::string_view part, char from, char to) {
        return std::all_of(part.begin(), part.end(), [=](char c) { return c >= from && c <= to; });
    };
    const std::string_view region = dash < text.size() ? text.substr(dash + 1) : std::string_view("XX");
    return (dash == 2 || dash == 3) && isAll(text.substr(0, dash), 'a', 'z') && region.size() == 2 &&
           isAll(region, 'A', 'Z');
}

bool isWebAddress(std::string_view text)
{
    constexpr std::string_view kScheme = "https://";
    return text.size() <= kUrlMax && text.starts_with(kScheme) && text.size() > kScheme.size() &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return c > ' ' && c < 0x7F && c != '"' && c != '<' && c != '>' && c != '\\';
           });
}

bool isPlatforms(const Context &context)
{
    return context.actor().kind == access::ActorKind::SuperAdmin || context.actor().kind == access::ActorKind::System;
}

template <class Value>
Result<void> checkNames(Context &context, const char *pointer, const std::map<std::string, Value> &values)
{
    if (values.size() > kSettingNamesMax)
        return context.reject(pointer, "too_many", "At most " + std::to_string(kSettingNamesMax) + " names.");
    for (const auto &[name, value] : values) {
        if (name.empty() || name.size() > 63)
            return context.reject(pointer, "not_a_name", "A name has 1 to 63 characters.");
    }
    return {};
}

/// Every field that was given and is none.
Result<void> check(Context &context, const SettingsChange &in)
{
    if (in.timezone && !platform::zoneFile(in.timezone->value))
        return context.reject("/timezone", "unknown_zone", "There is no such time zone.");
    if (in.locale && !isLocale(in.locale->value))
        return context.reject("/locale", "not_a_locale", "A language such as af, or with a country: en-ZA.");
    if (in.primaryColor && !in.primaryColor->empty() && !isColour(*in.primaryColor))
        return context.reject("/primary_color", "not_a_colour", "A colour is written as #1a2b3c.");
    if (in.logoUrl && !in.logoUrl->empty() && !isWebAddress(*in.logoUrl))
        return context.reject("/logo_url", "not_a_web_address", "A logo lies at an address that begins with https://");
    if (in.flags) {
        if (const auto names = checkNames(context, "/flags", *in.flags); !names)
            return names;
    }
    if (in.limits) {
        if (const auto names = checkNames(context, "/limits", *in.limits); !names)
            return names;
    }
    if (const std::string wrong = in.alarms ? wrongAlarmIn(*in.alarms) : std::string(); !wrong.empty())
        return context.reject("/alarms/" + wrong, "out_of_range", "From 1 to " + std::to_string(kAlarmMax) + ".");
    return {};
}

SettingsOut changedBy(SettingsOut settings, const SettingsChange &in)
{
    if (in.currency) {
        settings.currency = actions::written(*in.currency).as_string().c_str();
        std::transform(settings.currency.begin(), settings.currency.end(), settings.currency.begin(),
                       [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    }
    if (in.timezone)
        settings.timezone = in.timezone->value;
    if (in.locale)
        settings.locale = in.locale->value;
    settings.primaryColor = in.primaryColor.value_or(settings.primaryColor);
    settings.logoUrl = in.logoUrl.value_or(settings.logoUrl);
    settings.flags = in.flags.value_or(settings.flags);
    settings.limits = in.limits.value_or(settings.limits);
    if (in.alarms)
        settings.alarms = changedBy(settings.alarms, *in.alarms);
    settings.bindLogins = in.bindLogins.value_or(settings.bindLogins);
    return settings;
}

/// Those fields of one that the other has otherwise.
boost::json::object differing(const SettingsOut &one, const SettingsOut &other)
{
    const base::Json ones = actions::written(one), others = actions::written(other);
    boost::json::object fields;
    for (const auto &field : ones.as_object()) {
        if (field.key() != "version" && others.as_object().at(field.key()) != field.value())
            fields[field.key()] = field.value();
    }
    return fields;
}

} // namespace

Task<Result<SettingsOut>> showSettings(Context &context, Tenancy &, OneOrganization in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    const auto rows = co_await context.run(kShow);
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("organization");
    SettingsOut settings = settingsOf(rows->front());
    context.answerVersion(settings.version);
    co_return settings;
}

Task<Result<SettingsOut>> changeSettings(Context &context, Tenancy &tenancy, SettingsChange in)
{
    if (const auto own = isOwn(context, in.organization); !own)
        co_return own.error();
    if ((in.flags || in.limits) && !isPlatforms(context))
        co_return actions::forbidden("platform_only", "Flags and limits are the platform's to set.");
    if (const auto sound = check(context, in); !sound)
        co_return sound.error();
    const auto rows = co_await context.run(kShowToChange);
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("organization");
    const SettingsOut before = settingsOf(rows->front()), wanted = changedBy(before, in);
    if (const auto expected = context.expectedVersion(); expected && *expected != before.version)
        co_return actions::preconditionFailed();
    const auto changed = co_await context.run(
        kChange, pg::Params::of(wanted.currency, wanted.timezone, wanted.locale, wanted.primaryColor, wanted.logoUrl,
                                pg::Jsonb{base::toText(actions::written(wanted.flags))},
                                pg::Jsonb{base::toText(actions::written(wanted.limits))},
                                pg::Jsonb{alarmsText(wanted.alarms)}, wanted.bindLogins));
    if (!changed)
        co_return changed.error();
    SettingsOut after = settingsOf(changed->front());
    const std::string organization = base::toText(in.organization);
    context.audit({.action = {},
                   .subjectType = "organization",
                   .subject = organization,
                   .before = differing(before, after),
                   .after = differing(after, before),
                   .reason = {}});
    context.emit({.topic = "tenancy:org:" + organization,
                  .type = "tenancy.settings_changed.v1",
                  .subject = organization,
                  .data = {{"organization_id", organization}, {"version", after.version}}});
    context.unit().afterCommit([&tenancy, id = in.organization] {
        tenancy.organizations.forget(id);
        tenancy.sessions.clear();
    });
    context.answerVersion(after.version);
    co_return after;
}

void addSettingsActions(Tenancy &tenancy)
{
    using access::Permission;
    using access::Policy;
    auto &actions = tenancy.kernel.actions;
    actions.add({.name = "tenancy.show_settings",
                 .method = http::Method::Get,
                 .route = "/v1/orgs/{organization}/settings",
                 .summary = "The organization's settings",
                 .policy = Policy::may(Permission::SeeTeam)},
                tenancy, &showSettings);
    actions.add({.name = "tenancy.change_settings",
                 .method = http::Method::Patch,
                 .route = "/v1/orgs/{organization}/settings",
                 .summary = "Changes the organization's currency, time zone, language, looks and alarms",
                 .policy = Policy::may(Permission::ManageOrganization),
                 .effect = actions::Effect::Writes,
                 .audited = actions::Audited::Yes,
                 .load = actions::LoadClass::Write,
                 .ifMatch = actions::IfMatch::Heeded},
                tenancy, &changeSettings);
}

} // namespace voelgoed::tenancy

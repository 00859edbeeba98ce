#pragma once

#include "server/slices/tenancy/actions/organizations.h"
#include "server/slices/tenancy/alarms.h"

#include <map>

/// An organization's settings: what its people choose, and what the platform allows it.
namespace voelgoed::tenancy {

struct SettingsOut
{
    std::string currency, timezone, locale, primaryColor, logoUrl;
    std::map<std::string, bool> flags;
    std::map<std::string, std::int64_t> limits;
    contracts::AlarmThresholds alarms; ///< from where on it is told of something at its gates
    bool bindLogins = true;            ///< a login holds in the network alone that it was begun in
    std::int32_t version = 1;
};
BOOST_DESCRIBE_STRUCT(SettingsOut, (),
                      (currency, timezone, locale, primaryColor, logoUrl, flags, limits, alarms, bindLogins, version))

/// What is absent stays. A colour and a logo go with an empty text.
struct SettingsChange
{
    base::Uuid organization{};
    std::optional<Currency> currency;
    std::optional<actions::Text<64>> timezone;
    std::optional<actions::Text<16>> locale;                   ///< "af", "en-ZA"
    std::optional<std::string> primaryColor;                   ///< "#1a2b3c"
    std::optional<std::string> logoUrl;                        ///< https
    std::optional<std::map<std::string, bool>> flags;          ///< the platform's to set
    std::optional<std::map<std::string, std::int64_t>> limits; ///< the same
    std::optional<AlarmsChange> alarms;
    std::optional<bool> bindLogins;
};
BOOST_DESCRIBE_STRUCT(SettingsChange, (),
                      (organization, currency, timezone, locale, primaryColor, logoUrl, flags, limits, alarms,
                       bindLogins))

inline constexpr std::size_t kSettingNamesMax = 50;

async::Task<base::Result<SettingsOut>> showSettings(actions::Context &context, Tenancy &tenancy, OneOrganization in);
async::Task<base::Result<SettingsOut>> changeSettings(actions::Context &context, Tenancy &tenancy, SettingsChange in);

void addSettingsActions(Tenancy &tenancy);

} // namespace voelgoed::tenancy

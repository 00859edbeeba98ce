#include "device/core/storage/settings.h"

#include <charconv>

namespace voelgoed::storage {

namespace {

constexpr const char *kTable =
    "CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID";
constexpr const char *kGet = "SELECT value FROM setting WHERE name = ?1";
constexpr const char *kSet =
    "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

} // namespace

base::Result<void> makeSettings(Database &database)
{
    return database.execute(kTable);
}

base::Result<std::optional<std::string>> setting(Database &database, std::string_view name)
{
    auto get = database.prepare(kGet);
    if (!get)
        return get.error();
    const auto found = get->bind(1, name).step();
    if (!found)
        return found.error();
    if (!*found)
        return std::optional<std::string>();
    return std::optional(std::string(get->text(0)));
}

base::Result<void> setSetting(Database &database, std::string_view name, std::string_view value)
{
    auto set = database.prepare(kSet);
    if (!set)
        return set.error();
    return set->bind(1, name).bind(2, value).run();
}

base::Result<std::optional<std::uint64_t>> numberSetting(Database &database, std::string_view name)
{
    const auto text = setting(database, name);
    if (!text)
        return text.error();
    if (!*text)
        return std::optional<std::uint64_t>();
    const std::string &digits = **text;
    std::uint64_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size())
        return base::corrupt("the setting \"" + std::string(name) + "\" is not a number");
    return std::optional(number);
}

} // namespace voelgoed::storage

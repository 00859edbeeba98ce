#include "device/core/storage/settings.h"

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

} // namespace voelgoed::storage

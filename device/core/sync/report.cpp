#include "device/core/sync/report.h"

#include "device/core/storage/settings.h"

#include <charconv>

namespace voelgoed::sync {

using base::Result;

namespace {

constexpr std::string_view kName = "exchange";

/// A number at the start of `text`, which is then shortened by it and the blank behind it.
std::optional<std::int64_t> takeNumber(std::string_view &text)
{
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (text.starts_with(' '))
        text.remove_prefix(1);
    return number;
}

} // namespace

Result<void> keepReport(storage::Database &database, const Report &report)
{
    if (!report.lastExchange)
        return {};
    // "1796000000000 -250 1": when, offset in ms, and 1 (equal), 0 (unequal) or -1 (nobody knows).
    const int agrees = report.checksumAgrees ? static_cast<int>(*report.checksumAgrees) : -1;
    return storage::setSetting(database, kName,
                               std::to_string(base::millisOf(*report.lastExchange)) + " " +
                                   std::to_string(report.clockOffset.value_or(base::Milliseconds()).count()) + " " +
                                   std::to_string(agrees));
}

Result<Report> keptReport(storage::Database &database)
{
    const auto text = storage::setting(database, kName);
    if (!text)
        return text.error();
    Report report;
    if (!*text)
        return report;
    std::string_view rest = **text;
    const auto at = takeNumber(rest);
    const auto offset = takeNumber(rest);
    const auto agrees = takeNumber(rest);
    if (!at || !offset || !agrees)
        return base::corrupt("the setting \"exchange\" cannot be read");
    report.lastExchange = base::instantFromMillis(*at);
    report.clockOffset = base::Milliseconds(*offset);
    if (*agrees >= 0)
        report.checksumAgrees = *agrees == 1;
    return report;
}

} // namespace voelgoed::sync

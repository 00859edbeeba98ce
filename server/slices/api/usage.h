#pragma once

#include "server/platform/work/database.h"

#include <map>

namespace voelgoed::api {

/// How often each key was used, by day: counted here, written down now and then. The server's thread.
class Usage
{
public:
    explicit Usage(work::Database &database) : m_database(database) {}

    enum class Outcome { Allowed, Denied };
    void count(const base::Uuid &organization, const base::Uuid &key, base::Instant at, Outcome outcome);

    struct Counts
    {
        std::int64_t calls = 0, denied = 0;
        friend bool operator==(const Counts &, const Counts &) = default;
    };
    struct Place
    {
        base::Uuid organization{}, key{};
        std::int64_t day = 0; ///< since 1970
        friend auto operator<=>(const Place &, const Place &) = default;
    };
    /// What is counted and not written down yet.
    const std::map<Place, Counts> &pending() const { return m_pending; }

    /// What cannot be written is kept, and written with the next.
    async::Task<base::Result<void>> writeDown();

private:
    work::Database &m_database;
    std::map<Place, Counts> m_pending;
};

} // namespace voelgoed::api

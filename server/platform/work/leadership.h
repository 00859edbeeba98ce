#pragma once

#include "server/platform/work/database.h"

namespace voelgoed::work {

/// One of all servers that share a database does what only one may do at a time: it holds a lease, takes it anew long
/// before its end, and stops before that, by its own clock, when it could not. The server's thread.
class Leadership
{
public:
    struct Parts
    {
        Database &database;
        base::Clock &clock;
        std::string name;  ///< of the lease: "relay"
        std::string owner; ///< this server, as nobody else is called
        base::Milliseconds lease{10'000};
        /// So long before the lease's end it leads no longer: longer than anything that is begun while it leads.
        base::Milliseconds margin{3'000};
    };
    explicit Leadership(Parts parts);

    bool leads() const;
    /// Whether it is time to ask.
    bool isDue() const;
    /// Takes the lease, or takes it anew. Fails when nobody can be asked; it may lead for a while all the same.
    async::Task<base::Result<void>> ask();
    /// Others may lead at once.
    async::Task<void> giveUp();

private:
    Parts m_parts;
    base::Milliseconds m_until{}; ///< since boot
    base::Milliseconds m_nextAsk{};
};

} // namespace voelgoed::work

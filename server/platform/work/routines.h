#pragma once

#include "server/platform/work/database.h"

#include <functional>
#include <memory>

namespace voelgoed::work {

/// Something that is done again and again, by one server of all that share a database.
struct Routine
{
    std::string name;
    base::Milliseconds period{};
};

/// Runs routines: each once in a period, by whichever server comes first (platform.take_tick). One that fails is told
/// to `failed`, and done again in the next period. The server's thread.
class Routines
{
public:
    struct Parts
    {
        async::Executor executor;
        Database &database;
        base::Clock &clock;
        std::function<void(const std::string &name, const base::Error &error)> failed;
    };
    explicit Routines(Parts parts);

    void add(Routine routine, std::function<async::Task<base::Result<void>>()> work);
    void start();
    /// Does one now, whoever did it last. NotFound when there is none of this name.
    async::Task<base::Result<void>> runNow(std::string name);

private:
    struct Entry
    {
        Routine routine;
        std::function<async::Task<base::Result<void>>()> work;
    };
    async::Task<void> loop(std::shared_ptr<Entry> entry);

    Parts m_parts;
    std::vector<std::shared_ptr<Entry>> m_entries;
};

} // namespace voelgoed::work

#pragma once

#include "server/slices/audit/chain.h"

#include <map>
#include <optional>
#include <string>

namespace voelgoed::audit {

/// The newest seal of an organization that this server has seen.
struct Head
{
    std::int64_t number = 0;
    base::Digest hash{};
};

/// Heads in a file beside the database, so that whoever takes the newest seals out of the database, with what they
/// cover, is found. Each server keeps its own. A file that is lost is begun anew, and knows what comes after.
class Heads
{
public:
    /// Reads the file, as far as it is there and can be read.
    explicit Heads(std::string file);

    std::optional<Head> of(const base::Uuid &organization) const;
    /// Only ever forwards. Not written before save().
    void saw(const base::Uuid &organization, const Head &head);
    /// Whole or not at all. Does nothing when there is nothing new.
    base::Result<void> save();

private:
    std::string m_file;
    std::map<base::Uuid, Head> m_heads;
    bool m_hasChanged = false;
};

} // namespace voelgoed::audit

#pragma once

#include "device/core/storage/database.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/protocol/bundle.h"
#include "shared/protocol/ticket.h"

#include <functional>
#include <memory>
#include <optional>

namespace voelgoed::replica {

/// What the list that is in force is, as of which moment.
struct ListHead
{
    protocol::Cursor cursor;
    base::Instant madeAt;
    base::Bytes definition; ///< protocol::decodeDefinition()
    std::uint32_t tickets = 0;
    bitmap::RollingChecksum checksum;
    base::PublicKey signer{};
    base::Bytes resume;              ///< the cursor as the server takes it; says a number up to `cursor`; may be empty
    std::uint64_t passages = 0;      ///< how many came with the feed
    bitmap::RollingChecksum history; ///< over them, as they came
};

/// What the index has to know of a ticket.
struct IndexedTicket
{
    domain::Ordinal ordinal;
    std::optional<domain::Ordinal> addonOf;
    std::vector<domain::CodeHash> codes;

    friend bool operator==(const IndexedTicket &, const IndexedTicket &) = default;
};
IndexedTicket indexedOf(const protocol::ListedTicket &listed);

/// Something of the feed that says who passed, as it came: a passage, or another device's row.
enum class Logged : std::uint8_t { Passage, Row };

/// Encrypts a holder's name for the device's file; nothing: names are not kept.
using SealName = std::function<base::Bytes(domain::Ordinal, const std::string &)>;

/// Tables come in two slots: one in force, one that a load fills. Which is which is one row's contents, so that
/// a load takes effect at once or not at all.
enum class Slot : std::uint8_t { A, B };

/// The list of an event in the device's file: definition and tickets as of a cursor.
class Replica
{
public:
    /// Creates what is missing, unless it must all be there.
    static base::Result<Replica> open(storage::Database &database, storage::Tables tables = storage::Tables::Make);

    const std::optional<ListHead> &head() const { return m_head; }
    Slot slot() const { return m_slot; }

    /// Nothing when the list does not hold the ticket.
    base::Result<std::optional<protocol::ListedTicket>> find(domain::Ordinal ordinal);
    base::Result<void> eachIndexed(Slot slot, const std::function<base::Result<void>(const IndexedTicket &)> &use);

    /// Who passed elsewhere, as the feed said it, in its order.
    base::Result<void> eachLogged(const std::function<base::Result<void>(Logged, base::ByteView)> &use);

    /// Works out the checksums from the rows themselves. Corrupt when they are not the ones that the list came with.
    base::Result<void> verify();

    base::Result<std::optional<base::PublicKey>> trustedSigner();

    /// The right to fill the slot that is not in force, until the last copy of it goes. Conflict while somebody has it.
    base::Result<std::shared_ptr<const Slot>> reserveLoad();

    /// Reads again which list is in force, after a load has changed that. After a failure nothing is found any more.
    base::Result<void> refresh();

private:
    explicit Replica(storage::Database &database) : m_database(&database) {}
    base::Result<void> readHead();

    storage::Database *m_database;
    bool m_known = false; ///< which list is in force could be read
    std::optional<ListHead> m_head;
    Slot m_slot = Slot::A;
    std::optional<storage::Statement> m_find;
    std::weak_ptr<const Slot> m_loading;
};

/// Splits and joins the codes column: 16 bytes a hash.
base::Bytes joinedHashes(const std::vector<protocol::CodeEntry> &codes);

const char *tableOf(Slot slot);
const char *logOf(Slot slot);
inline Slot otherThan(Slot slot)
{
    return slot == Slot::A ? Slot::B : Slot::A;
}

inline constexpr std::string_view kTrustedSigner = "trusted_signer";

} // namespace voelgoed::replica

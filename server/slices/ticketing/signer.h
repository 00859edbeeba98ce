#pragma once

#include "server/contracts/event_keys.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/base/crypto/sealed.h"
#include "shared/base/random.h"
#include "shared/domain/ticket.h"
#include "shared/ticket/t1.h"

namespace voelgoed::ticketing {

/// An event's keys as they are now, with the one that signs. Private halves are in here and nowhere else, for as long
/// as this lives.
class Ring
{
public:
    static constexpr std::size_t kTypesMax = 256; ///< that a code can name
    static constexpr std::size_t kZonesMax = 16;

    /// Corrupt when what the database holds are no keys.
    static base::Result<Ring> make(domain::EventKeys keys, std::optional<base::Instant> endsAt,
                                   std::vector<std::pair<std::uint8_t, base::SigningKey>> live);

    const domain::EventKeys &keys() const { return m_keys; }

    /// The printed text of the code that the ticket has now: the same as long as ticket and ring are. Conflict when all
    /// keys are retired; Invalid for a type that no code can name.
    base::Result<std::string> codeOf(const domain::Ticket &ticket) const;

private:
    Ring(domain::EventKeys keys, ticket::KeyRing ring) : m_keys(std::move(keys)), m_ring(std::move(ring)) {}

    domain::EventKeys m_keys;
    ticket::KeyRing m_ring;
    std::vector<std::pair<std::uint8_t, base::SigningKey>> m_live; ///< the first one signs
};

/// Keeps the key rings of events. Private keys leave the database sealed, and this class not at all. The server's
/// thread.
class Signer final : public contracts::EventKeyRings
{
public:
    /// Both outlive it.
    Signer(const base::ExchangePair &seal, base::Random &random) : m_seal(seal), m_random(random) {}

    async::Task<base::Result<domain::EventKeys>> keysOf(pg::Tx &tx, base::Uuid event, Names names) override;

    /// `endsAt` is the event's. NotFound for an event without a ring.
    async::Task<base::Result<Ring>> ringOf(pg::Tx &tx, base::Uuid event, std::optional<base::Instant> endsAt);

    /// Another key in the next free slot, which it returns. Conflict when there is none.
    async::Task<base::Result<std::uint8_t>> addKey(pg::Tx &tx, base::Uuid event);
    /// Withdraws every code that was signed with it. NotFound; Conflict when it is the last one that is live.
    async::Task<base::Result<void>> retire(pg::Tx &tx, base::Uuid event, std::uint8_t slot, base::Instant now);

private:
    async::Task<base::Result<domain::EventKeys>> read(pg::Tx &tx, base::Uuid event);
    async::Task<base::Result<void>> addKeyAt(pg::Tx &tx, base::Uuid event, std::uint8_t slot);

    const base::ExchangePair &m_seal;
    base::Random &m_random;
};

} // namespace voelgoed::ticketing

#pragma once

#include "shared/base/crypto/ed25519.h"
#include "shared/base/crypto/sealed.h"
#include "shared/base/random.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/ticket.h"
#include "shared/ticket/t1.h"
#include "shared/ticket/typed.h"

#include <string>

/// An event to practise on: like a real one in everything but its guests.
namespace voelgoed::gate {

/// The secrets that a real event's server would keep to itself.
struct PracticeKeys
{
    base::SigningKey bundle;  ///< signs the bundle
    base::SigningKey tickets; ///< signs the codes
    base::ExchangePair seal;  ///< opens what gates sealed

    static PracticeKeys make(base::Random &random);
    /// As JSON: the seeds, and the bundle's public key for `load --trust`.
    std::string text() const;
    /// The signer alone: what a device is given to trust.
    std::string publicText() const;
};

/// What a guest of the practice event holds.
struct PracticeTicket
{
    protocol::ListedTicket listed;
    std::string typeName;
    std::string code;  ///< what its QR code says
    std::string typed; ///< grouped; empty for foreign tickets
};

class PracticeEvent
{
public:
    /// Doors open at `opens`. The same seed gives the same event.
    PracticeEvent(const PracticeKeys &keys, base::Instant opens, base::Random &random);

    const protocol::Definition &definition() const { return m_definition; }

    enum class Code { Sign, Skip };
    /// A signed ticket. Signing takes 50 µs; a list of a million needs no codes for all of them.
    PracticeTicket signedTicket(domain::Ordinal ordinal, Code code);
    /// One that another ticketing system sold.
    PracticeTicket foreignTicket(domain::Ordinal ordinal);

private:
    const PracticeKeys &m_keys;
    base::Random &m_random;
    protocol::Definition m_definition;
    ticket::KeyRing m_ring;
};

} // namespace voelgoed::gate

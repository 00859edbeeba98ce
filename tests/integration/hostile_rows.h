#pragma once

#include "shared/ticket/event_ring.h"
#include "shared/ticket/t1.h"
#include "tests/integration/practice_bundle.h"

#include <algorithm>
#include <string>
#include <vector>

/// What people hold before a gate who have no ticket, or want more than to get in.
namespace voelgoed::integration {

struct HostileRow
{
    QByteArray name;
    QByteArray code;
    QByteArray reason = "unknown"; ///< of its one answer; empty: it is no scan
};

/// An event with everything in it that codes can be wrong about: zones, rotating parts, generations.
class HostileEvent
{
public:
    static constexpr std::uint32_t kSuperseded = 2; ///< its list says generation 255
    static constexpr std::uint32_t kUnlisted = 900'000;

    explicit HostileEvent(std::uint32_t tickets) : m_bundle(tickets)
    {
        protocol::Definition &definition = m_bundle.definition();
        definition.keys.zones = {{"floor"}};
        definition.keys.rotationKey.emplace().fill(std::byte{9});
        definition.event.checkpoints.front().zone = domain::ZoneId{"floor"};
        m_bundle.ticket(kSuperseded).generation = 255;
    }

    PracticeBundle &bundle() { return m_bundle; }

    ticket::KeyRing ring() const
    {
        return *ticket::ringOf(m_bundle.definition().keys, m_bundle.definition().event.event.endsAt);
    }
    /// What the first ticket's code says.
    ticket::T1Claims claims() const
    {
        const auto verified = ticket::verifyT1(code(), ring());
        return std::get<ticket::T1Claims>(verified);
    }
    ticket::T1Code code() const
    {
        return std::get<ticket::T1Code>(ticket::parseT1(m_bundle.signedCode(1).toStdString()));
    }
    /// Signed by the event's own key, whatever it says.
    QByteArray signedAnyway(base::ByteView claimed) const
    {
        ticket::T1Code made;
        const auto signature = m_bundle.keys().tickets.sign(ticket::signedText(claimed, ring().identity()));
        std::copy(claimed.begin(), claimed.end(), made.bytes.begin());
        std::copy(signature.begin(), signature.end(), made.bytes.begin() + ticket::kT1Claimed);
        return textOf(made);
    }
    QByteArray saying(const ticket::T1Claims &claims) const
    {
        return signedAnyway(ticket::encodeClaims(claims, ring()));
    }
    /// The first 16 bytes of a true code with one changed, signed as if that had been meant.
    QByteArray claiming(std::size_t at, unsigned value) const
    {
        auto claimed = ticket::encodeClaims(claims(), ring());
        claimed[at] = static_cast<std::byte>(value);
        return signedAnyway(claimed);
    }
    /// A true code with its signature replaced.
    QByteArray withSignature(const char *hexR, const char *hexS) const
    {
        ticket::T1Code changed = code();
        const auto r = *base::fromHex(hexR), s = *base::fromHex(hexS);
        std::copy(r.begin(), r.end(), changed.bytes.begin() + 16);
        std::copy(s.begin(), s.end(), changed.bytes.begin() + 48);
        return textOf(changed);
    }
    /// A true code with bits flipped that the signature covers, or of the signature.
    QByteArray flipped(std::size_t at, unsigned bits) const
    {
        ticket::T1Code changed = code();
        changed.bytes[at] ^= static_cast<std::byte>(bits);
        return textOf(changed);
    }
    /// The second spelling that a signature would have if S were not held below the group's order.
    QByteArray malleated() const
    {
        ticket::T1Code changed = code();
        const auto order = *base::fromHex(kOrder);
        unsigned carry = 0;
        for (std::size_t i = 0; i < 32; ++i) {
            carry += std::to_integer<unsigned>(changed.bytes[48 + i]) + std::to_integer<unsigned>(order[i]);
            changed.bytes[48 + i] = static_cast<std::byte>(carry);
            carry >>= 8;
        }
        return textOf(changed);
    }

    static constexpr const char *kZero = "0000000000000000000000000000000000000000000000000000000000000000";
    static constexpr const char *kOne = "0100000000000000000000000000000000000000000000000000000000000000";
    static constexpr const char *kOfOrder8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    static constexpr const char *kOrder = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

private:
    static QByteArray textOf(const ticket::T1Code &code) { return QByteArray::fromStdString(ticket::printT1(code)); }

    PracticeBundle m_bundle;
};

/// Codes that look like tickets of this event.
std::vector<HostileRow> forgedRows(HostileEvent &event);
/// Anything else that has bytes.
std::vector<HostileRow> payloadRows();

} // namespace voelgoed::integration

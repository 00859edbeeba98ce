#pragma once

#include "device/gate/practice_event.h"
#include "shared/artwork/ticket_art.h"
#include "shared/protocol/bundle_builder.h"

#include <QByteArray>
#include <QFile>
#include <QString>

#include <chrono>
#include <string>
#include <vector>

namespace voelgoed::integration {

/// The practice event with its secrets, for tests that need bundles of their own: other lists of the same event, and
/// codes that nobody should have signed.
class PracticeBundle
{
public:
    /// As many signed tickets, with the ordinals from 1, as foreign ones behind them. Doors opened an hour ago.
    explicit PracticeBundle(std::uint32_t tickets, std::uint64_t seed = 1)
        : m_tickets(tickets),
          m_random(seed),
          m_keys(gate::PracticeKeys::make(m_random)),
          m_event(m_keys,
                  std::chrono::floor<std::chrono::hours>(std::chrono::system_clock::now()) - std::chrono::hours(1),
                  m_random),
          m_definition(m_event.definition())
    {
        for (std::uint32_t n = 1; n <= tickets; ++n)
            m_all.push_back(m_event.signedTicket({n}, gate::PracticeEvent::Code::Sign));
        for (std::uint32_t n = 1; n <= tickets; ++n)
            m_all.push_back(m_event.foreignTicket({tickets + n}));
    }

    const gate::PracticeKeys &keys() const { return m_keys; }
    /// For changes before anything is written.
    protocol::Definition &definition() { return m_definition; }
    const protocol::Definition &definition() const { return m_definition; }

    QByteArray signedCode(std::uint32_t n) const { return QByteArray::fromStdString(m_all.at(n - 1).code); }
    QByteArray typedCode(std::uint32_t n) const { return QByteArray::fromStdString(m_all.at(n - 1).typed); }
    QByteArray foreignCode(std::uint32_t n) const
    {
        return QByteArray::fromStdString(m_all.at(m_tickets + n - 1).code);
    }
    /// The ordinal of the nth foreign ticket.
    std::uint32_t foreignOrdinal(std::uint32_t n) const { return m_tickets + n; }

    /// The ticket with that ordinal, for changes to the lists that are written from now on.
    domain::Ticket &ticket(std::uint32_t ordinal) { return m_all.at(ordinal - 1).listed.ticket; }

    struct List
    {
        std::uint64_t sequence = 1;
        std::chrono::hours later{}; ///< than the doors: when it was made
        std::string event = {};     ///< empty: the practice event
    };
    QByteArray bundle(const List &list) const
    {
        protocol::Definition definition = m_definition;
        if (!list.event.empty())
            definition.event.event.id = {list.event};
        protocol::BundleBuilder builder(definition);
        for (const gate::PracticeTicket &ticket : m_all)
            builder.add(ticket.listed);
        const auto parts = builder.finish({.cursor = {definition.event.event.id, 1, list.sequence},
                                           .madeAt = *definition.event.event.doorsAt + list.later},
                                          m_keys.bundle);
        QByteArray bytes;
        const auto append = [&](const base::Bytes &part) {
            bytes.append(reinterpret_cast<const char *>(part.data()), static_cast<qsizetype>(part.size()));
        };
        append(parts.head);
        for (const base::Bytes &chunk : parts.chunks)
            append(chunk);
        return bytes;
    }

private:
    std::uint32_t m_tickets;
    base::SeededRandom m_random;
    gate::PracticeKeys m_keys;
    gate::PracticeEvent m_event;
    protocol::Definition m_definition;
    std::vector<gate::PracticeTicket> m_all;
};

/// A ticket with that code, as a PNG.
inline QByteArray ticketPicture(const QByteArray &code)
{
    const auto png = artwork::drawPng({.event = "Practice evening",
                                       .lines = {},
                                       .type = "Adult",
                                       .seat = {},
                                       .holder = {},
                                       .code = code.toStdString(),
                                       .typed = {}});
    return png ? QByteArray(reinterpret_cast<const char *>(png->data()), static_cast<qsizetype>(png->size()))
               : QByteArray();
}

/// The path again, so that it can be used where it is written.
inline QString writeFile(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() ? path : QString();
}

} // namespace voelgoed::integration

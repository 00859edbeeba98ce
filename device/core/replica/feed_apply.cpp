#include "device/core/replica/feed_apply.h"

#include "shared/protocol/definition.h"

#include <algorithm>

namespace voelgoed::replica {

using base::Result;

namespace {

constexpr const char *kList = "UPDATE list SET sequence = ?1, made_at = ?2, definition = ?3, tickets = ?4, "
                              "checksum = ?5 WHERE in_force = 1";
constexpr const char *kFeed = "INSERT OR REPLACE INTO feed (slot, resume, passages, history) VALUES (?1, ?2, ?3, ?4)";

/// The list's head as it becomes, and the statements that make it so.
class Applying
{
public:
    static Result<Applying> begin(storage::Database &database, const Replica &replica)
    {
        const std::string table = tableOf(replica.slot());
        auto find = database.prepare("SELECT body FROM " + table + " WHERE ordinal = ?1");
        if (!find)
            return find.error();
        auto put = database.prepare("INSERT OR REPLACE INTO " + table +
                                    " (ordinal, addon_of, codes, body, holder) VALUES (?1, ?2, ?3, ?4, ?5)");
        if (!put)
            return put.error();
        auto log =
            database.prepare(std::string("INSERT INTO ") + logOf(replica.slot()) + " (kind, body) VALUES (?1, ?2)");
        if (!log)
            return log.error();
        return Applying(*replica.head(), std::move(*find), std::move(*put), std::move(*log));
    }

    Result<void> apply(const protocol::TicketChange &change, const SealName &sealName, FeedEffects &effects)
    {
        auto listed = protocol::decodeTicket(change.ticket);
        if (!listed)
            return listed.error();
        const domain::Ordinal ordinal = listed->ticket.ordinal;
        TicketEffect effect{.before = {}, .after = indexedOf(*listed)};
        if (auto replaced = takeOut(ordinal, effect.before); !replaced)
            return replaced;
        const base::Bytes codes = joinedHashes(listed->codes);
        const base::Bytes holder =
            sealName && !change.holder.empty() ? sealName(ordinal, change.holder) : base::Bytes();
        m_put.bind(1, std::int64_t{ordinal.value})
            .bind(3, base::ByteView(codes))
            .bind(4, base::ByteView(change.ticket));
        if (listed->ticket.addonOf)
            m_put.bind(2, std::int64_t{listed->ticket.addonOf->value});
        else
            m_put.bindNull(2);
        if (holder.empty())
            m_put.bindNull(5);
        else
            m_put.bind(5, base::ByteView(holder));
        if (auto put = m_put.run(); !put)
            return put;
        protocol::toggleTicket(m_head.checksum, ordinal, change.ticket);
        ++m_head.tickets;
        effects.tickets.push_back(std::move(effect));
        return {};
    }

    Result<void> apply(const protocol::DefinitionChange &change, FeedEffects &effects)
    {
        if (const auto definition = protocol::decodeDefinition(change.definition); !definition)
            return definition.error();
        protocol::toggleDefinition(m_head.checksum, m_head.definition);
        protocol::toggleDefinition(m_head.checksum, change.definition);
        m_head.definition = change.definition;
        effects.definition = true;
        return {};
    }

    Result<void> apply(Logged kind, const base::Bytes &bytes, FeedEffects &effects)
    {
        m_log.bind(1, static_cast<std::int64_t>(kind)).bind(2, base::ByteView(bytes));
        if (auto logged = m_log.run(); !logged)
            return logged;
        protocol::togglePassage(m_head.history, bytes);
        ++m_head.passages;
        effects.passings.push_back({kind, bytes});
        return {};
    }

    Result<void> finish(storage::Database &database, Slot slot, const FeedPart &part)
    {
        auto list = database.prepare(kList);
        if (!list)
            return list.error();
        // Two servers' clocks may differ; a list's age never falls.
        const base::Instant madeAt = std::max(m_head.madeAt, part.asOf.value_or(m_head.madeAt));
        list->bind(1, static_cast<std::int64_t>(part.through))
            .bind(2, base::millisOf(madeAt))
            .bind(3, base::ByteView(m_head.definition))
            .bind(4, std::int64_t{m_head.tickets})
            .bind(5, base::ByteView(m_head.checksum.value()));
        if (auto updated = list->run(); !updated)
            return updated;
        auto feed = database.prepare(kFeed);
        if (!feed)
            return feed.error();
        feed->bind(1, static_cast<std::int64_t>(slot))
            .bind(2, part.resume.empty() ? base::ByteView(m_head.resume) : part.resume)
            .bind(3, static_cast<std::int64_t>(m_head.passages))
            .bind(4, base::ByteView(m_head.history.value()));
        return feed->run();
    }

private:
    Applying(ListHead head, storage::Statement find, storage::Statement put, storage::Statement log)
        : m_head(std::move(head)), m_find(std::move(find)), m_put(std::move(put)), m_log(std::move(log))
    {}

    Result<void> takeOut(domain::Ordinal ordinal, std::optional<IndexedTicket> &before)
    {
        const auto found = m_find.bind(1, std::int64_t{ordinal.value}).step();
        if (!found)
            return found.error();
        if (!*found)
            return {};
        const base::ByteView body = m_find.bytes(0);
        const auto listed = protocol::decodeTicket(body);
        if (!listed)
            return base::corrupt("list: " + listed.error().message);
        protocol::toggleTicket(m_head.checksum, ordinal, body);
        m_find.reset();
        --m_head.tickets;
        before = indexedOf(*listed);
        return {};
    }

    ListHead m_head;
    storage::Statement m_find, m_put, m_log;
};

Result<void> applyChange(const protocol::Change &change, Applying &applying, const SealName &sealName,
                         FeedEffects &effects)
{
    if (const auto *ticket = std::get_if<protocol::TicketChange>(&change.what))
        return applying.apply(*ticket, sealName, effects);
    if (const auto *definition = std::get_if<protocol::DefinitionChange>(&change.what))
        return applying.apply(*definition, effects);
    if (const auto *passage = std::get_if<protocol::PassageChange>(&change.what))
        return applying.apply(Logged::Passage, passage->passage, effects);
    if (const auto *row = std::get_if<protocol::RowChange>(&change.what))
        return applying.apply(Logged::Row, row->row, effects);
    return {}; // a newer server's, and covered by checksums of its own
}

} // namespace

Result<FeedEffects> applyFeed(storage::Database &database, Replica &replica, const FeedPart &part,
                              const SealName &sealName, const CheckEffects &check)
{
    base::ensure(replica.head().has_value(), "a feed without a list");
    const protocol::Cursor from = replica.head()->cursor;
    if (part.epoch != from.epoch || part.through < from.sequence)
        return base::Error{base::ErrorCode::Conflict,
                           "feed: changes up to " + std::to_string(part.epoch) + "/" + std::to_string(part.through) +
                               ", and the list is at " + std::to_string(from.epoch) + "/" +
                               std::to_string(from.sequence),
                           {}};
    auto transaction = storage::Transaction::begin(database);
    if (!transaction)
        return transaction.error();
    FeedEffects effects;
    {
        auto applying = Applying::begin(database, replica);
        if (!applying)
            return applying.error();
        for (const protocol::Change &change : part.changes) {
            if (change.sequence <= from.sequence)
                continue;
            base::ensure(change.sequence <= part.through, "a change behind the part's end");
            if (auto applied = applyChange(change, *applying, sealName, effects); !applied)
                return applied.error().at("feed: change " + std::to_string(change.sequence));
        }
        if (auto good = check(effects); !good)
            return good.error().at("feed");
        if (auto finished = applying->finish(database, replica.slot(), part); !finished)
            return finished.error();
    }
    if (auto committed = transaction->commit(); !committed)
        return committed.error();
    if (auto refreshed = replica.refresh(); !refreshed)
        return refreshed.error();
    return effects;
}

} // namespace voelgoed::replica

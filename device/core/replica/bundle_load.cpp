#include "device/core/replica/bundle_load.h"

#include "device/core/storage/settings.h"

namespace voelgoed::replica {

using base::Result;

namespace {

constexpr const char *kBeginList =
    "INSERT INTO list (slot, in_force, bundle, event, epoch, sequence, made_at, definition, tickets, checksum, signer, "
    "next_chunk, loaded) VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11)";
constexpr const char *kProgress = "UPDATE list SET next_chunk = ?2, loaded = ?3 WHERE slot = ?1";
constexpr const char *kBeginFeed =
    "INSERT OR REPLACE INTO feed (slot, resume, passages, history) VALUES (?1, ?2, ?3, ?4)";
constexpr const char *kProgressOfFeed = "UPDATE feed SET passages = ?2, history = ?3 WHERE slot = ?1";
constexpr const char *kColumns = " (ordinal, addon_of, codes, body, holder) VALUES (?1, ?2, ?3, ?4, ?5)";
constexpr int kLogPagesMax = 8'000; ///< 32 MB of write-ahead log before it is moved into the file

std::int64_t numberOf(Slot slot)
{
    return static_cast<std::int64_t>(slot);
}

base::Error conflict(std::string message, std::string hint)
{
    return {base::ErrorCode::Conflict, std::move(message), std::move(hint)};
}

Result<void> fitsTheListInForce(const std::optional<ListHead> &head, const protocol::Manifest &manifest,
                                BundleLoad::Age age)
{
    if (!head)
        return {};
    const protocol::Cursor &now = head->cursor;
    const protocol::Cursor &then = manifest.cursor;
    if (now.event != then.event)
        return conflict("this folder serves the event " + now.event.text + ", the bundle is of " + then.event.text,
                        "Use a folder of its own for another event.");
    if (age == BundleLoad::Age::Ordered)
        return {};
    if (then.epoch < now.epoch || (then.epoch == now.epoch && then.sequence < now.sequence))
        return conflict("the bundle is older than the list on this device (" + std::to_string(then.sequence) +
                            " before " + std::to_string(now.sequence) + ")",
                        "Get the newest bundle from the server.");
    if (manifest.madeAt < head->madeAt)
        return conflict("the bundle was made before the list on this device (" + base::formatInstant(manifest.madeAt) +
                            " before " + base::formatInstant(head->madeAt) + ")",
                        "Get the newest bundle from the server.");
    return {};
}

Result<void> emptied(storage::Database &database, Slot slot)
{
    const std::string table = tableOf(slot);
    const std::string log = logOf(slot);
    const std::string number = std::to_string(numberOf(slot));
    return database.execute("DROP TABLE " + table + "; CREATE TABLE " + table +
                            " (ordinal INTEGER PRIMARY KEY, addon_of INTEGER, codes BLOB NOT NULL, body BLOB NOT NULL, "
                            "holder BLOB) STRICT; DROP TABLE " +
                            log + "; CREATE TABLE " + log +
                            " (no INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body BLOB NOT NULL) STRICT; "
                            "DELETE FROM feed WHERE slot = " +
                            number + "; DELETE FROM list WHERE slot = " + number);
}

} // namespace

Result<BundleLoad> BundleLoad::begin(storage::Database &database, Replica &replica, BundleFile &file, const Sink &sink,
                                     Age age)
{
    if (auto fits = fitsTheListInForce(replica.head(), file.manifest(), age); !fits)
        return fits.error();
    auto reserved = replica.reserveLoad();
    if (!reserved)
        return reserved.error();
    BundleLoad load(database, replica, file);
    load.m_reserved = std::move(*reserved);
    load.m_slot = *load.m_reserved;
    load.m_age = age;
    load.m_progress.chunks = file.manifest().chunks.size();
    if (auto resumed = load.resume(sink); !resumed)
        return resumed.error();
    return load;
}

Result<void> BundleLoad::resume(const Sink &sink)
{
    auto select = m_database->prepare("SELECT bundle, next_chunk, loaded FROM list WHERE slot = ?1 AND in_force = 0");
    if (!select)
        return select.error();
    const auto found = select->bind(1, numberOf(m_slot)).step();
    if (!found)
        return found.error();
    if (!*found || base::textOf(select->bytes(0)) != base::textOf(m_file->digest())) {
        select->reset();
        return startOver();
    }
    m_progress.chunksDone = static_cast<std::size_t>(select->integer(1));
    const base::ByteView loaded = select->bytes(2);
    bitmap::RollingChecksum::Value value{};
    if (loaded.size() != value.size() || m_progress.chunksDone > m_progress.chunks)
        return base::corrupt("list: the progress of an earlier load cannot be read");
    std::copy(loaded.begin(), loaded.end(), value.begin());
    m_loaded = bitmap::RollingChecksum(value);
    select->reset();
    const auto fed = resumeFeed();
    if (!fed)
        return fed.error();
    if (!*fed) // an earlier version began it
        return startOver();
    return m_replica->eachIndexed(m_slot, [&](const IndexedTicket &ticket) {
        ++m_progress.tickets;
        return sink(ticket);
    });
}

Result<bool> BundleLoad::resumeFeed()
{
    auto select = m_database->prepare("SELECT passages, history FROM feed WHERE slot = ?1");
    if (!select)
        return select.error();
    const auto found = select->bind(1, numberOf(m_slot)).step();
    if (!found)
        return found.error();
    if (!*found)
        return false;
    bitmap::RollingChecksum::Value value{};
    if (select->bytes(1).size() != value.size())
        return base::corrupt("list: the progress of an earlier load cannot be read");
    std::copy_n(select->bytes(1).begin(), value.size(), value.begin());
    m_passages = static_cast<std::uint64_t>(select->integer(0));
    m_history = bitmap::RollingChecksum(value);
    return true;
}

Result<void> BundleLoad::startOver()
{
    const protocol::Manifest &manifest = m_file->manifest();
    m_progress = {.chunks = manifest.chunks.size()};
    m_loaded = {};
    m_passages = 0;
    m_history = {};
    auto transaction = storage::Transaction::begin(*m_database);
    if (!transaction)
        return transaction.error();
    if (auto done = emptied(*m_database, m_slot); !done)
        return done;
    protocol::toggleDefinition(m_loaded, manifest.definition);
    auto insert = m_database->prepare(kBeginList);
    if (!insert)
        return insert.error();
    insert->bind(1, numberOf(m_slot))
        .bind(2, base::ByteView(m_file->digest()))
        .bind(3, manifest.cursor.event.view())
        .bind(4, std::int64_t{manifest.cursor.epoch})
        .bind(5, static_cast<std::int64_t>(manifest.cursor.sequence))
        .bind(6, base::millisOf(manifest.madeAt))
        .bind(7, base::ByteView(manifest.definition))
        .bind(8, std::int64_t{manifest.tickets})
        .bind(9, base::ByteView(manifest.checksum.value()))
        .bind(10, base::ByteView(manifest.signer))
        .bind(11, base::ByteView(m_loaded.value()));
    if (auto inserted = insert->run(); !inserted)
        return inserted;
    auto feed = m_database->prepare(kBeginFeed);
    if (!feed)
        return feed.error();
    feed->bind(1, numberOf(m_slot))
        .bind(2, base::ByteView(manifest.resume))
        .bind(3, std::int64_t{0})
        .bind(4, base::ByteView(m_history.value()));
    if (auto inserted = feed->run(); !inserted)
        return inserted;
    return transaction->commit();
}

Result<void> BundleLoad::step(const Sink &sink)
{
    base::ensure(!isComplete(), "a step after the last chunk");
    auto page = m_file->chunk(m_progress.chunksDone);
    if (!page)
        return page.error();
    auto transaction = storage::Transaction::begin(*m_database);
    if (!transaction)
        return transaction.error();
    auto into = m_database->prepare(std::string("INSERT INTO ") + tableOf(m_slot) + kColumns);
    if (!into)
        return into.error();
    auto log = m_database->prepare(std::string("INSERT INTO ") + logOf(m_slot) + " (kind, body) VALUES (?1, ?2)");
    if (!log)
        return log.error();
    for (const protocol::Change &change : *page) {
        Result<void> inserted;
        if (const auto *ticket = std::get_if<protocol::TicketChange>(&change.what))
            inserted = insert(*into, *ticket, sink);
        else if (const auto *passage = std::get_if<protocol::PassageChange>(&change.what))
            inserted = this->log(*log, Logged::Passage, passage->passage);
        else if (const auto *row = std::get_if<protocol::RowChange>(&change.what))
            inserted = this->log(*log, Logged::Row, row->row);
        if (!inserted)
            return inserted;
    }
    ++m_progress.chunksDone;
    if (auto saved = saveProgress(); !saved)
        return saved;
    if (auto committed = transaction->commit(); !committed)
        return committed;
    return m_database->logPages() > kLogPagesMax ? m_database->checkpoint() : Result<void>();
}

Result<void> BundleLoad::insert(storage::Statement &into, const protocol::TicketChange &change, const Sink &sink)
{
    auto listed = protocol::decodeTicket(change.ticket);
    if (!listed)
        return listed.error();
    const domain::Ticket &ticket = listed->ticket;
    const base::Bytes codes = joinedHashes(listed->codes);
    const base::Bytes holder =
        m_sealName && !change.holder.empty() ? m_sealName(ticket.ordinal, change.holder) : base::Bytes();
    into.bind(1, std::int64_t{ticket.ordinal.value})
        .bind(3, base::ByteView(codes))
        .bind(4, base::ByteView(change.ticket));
    if (ticket.addonOf)
        into.bind(2, std::int64_t{ticket.addonOf->value});
    else
        into.bindNull(2);
    if (holder.empty())
        into.bindNull(5);
    else
        into.bind(5, base::ByteView(holder));
    if (auto inserted = into.run(); !inserted) {
        if (inserted.error().code == base::ErrorCode::Conflict)
            return base::invalid("bundle: ticket " + std::to_string(ticket.ordinal.value) + " is there twice");
        return inserted;
    }
    protocol::toggleTicket(m_loaded, ticket.ordinal, change.ticket);
    ++m_progress.tickets;
    return sink(indexedOf(*listed));
}

Result<void> BundleLoad::log(storage::Statement &into, Logged kind, const base::Bytes &bytes)
{
    into.bind(1, static_cast<std::int64_t>(kind)).bind(2, base::ByteView(bytes));
    if (auto inserted = into.run(); !inserted)
        return inserted;
    protocol::togglePassage(m_history, bytes);
    ++m_passages;
    return {};
}

Result<void> BundleLoad::saveProgress()
{
    auto update = m_database->prepare(kProgress);
    if (!update)
        return update.error();
    update->bind(1, numberOf(m_slot))
        .bind(2, static_cast<std::int64_t>(m_progress.chunksDone))
        .bind(3, base::ByteView(m_loaded.value()));
    if (auto updated = update->run(); !updated)
        return updated;
    auto feed = m_database->prepare(kProgressOfFeed);
    if (!feed)
        return feed.error();
    feed->bind(1, numberOf(m_slot))
        .bind(2, static_cast<std::int64_t>(m_passages))
        .bind(3, base::ByteView(m_history.value()));
    return feed->run();
}

Result<void> BundleLoad::finish()
{
    base::ensure(isComplete(), "a load that is not complete");
    const protocol::Manifest &manifest = m_file->manifest();
    // The feed may have gone on meanwhile.
    if (auto fits = fitsTheListInForce(m_replica->head(), manifest, m_age); !fits)
        return fits;
    const bool asSigned = m_progress.tickets == manifest.tickets && m_loaded == manifest.checksum &&
                          m_passages == manifest.passages && m_history == manifest.history;
    if (!asSigned) {
        if (auto again = startOver(); !again)
            return again;
        return base::corrupt("bundle: its tickets are not the ones that were signed",
                             "The file was made wrongly. Get it again.");
    }
    auto transaction = storage::Transaction::begin(*m_database);
    if (!transaction)
        return transaction.error();
    const std::string slot = std::to_string(numberOf(m_slot));
    if (auto done = m_database->execute("UPDATE list SET in_force = (slot = " + slot + ")"); !done)
        return done;
    if (auto set = storage::setSetting(*m_database, kTrustedSigner, base::toHex(manifest.signer)); !set)
        return set;
    if (auto committed = transaction->commit(); !committed)
        return committed;
    return m_replica->refresh();
}

Result<void> sweep(storage::Database &database, const Replica &replica)
{
    if (!replica.head())
        return {};
    auto transaction = storage::Transaction::begin(database);
    if (!transaction)
        return transaction.error();
    if (auto done = emptied(database, otherThan(replica.slot())); !done)
        return done;
    return transaction->commit();
}

} // namespace voelgoed::replica

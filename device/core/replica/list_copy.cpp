#include "device/core/replica/list_copy.h"

namespace voelgoed::replica {

using base::Result;

namespace {

constexpr const char *kReadList =
    "SELECT bundle, event, epoch, sequence, made_at, definition, tickets, checksum, signer, "
    "next_chunk, loaded FROM list WHERE in_force = 1";
constexpr const char *kWriteList =
    "INSERT INTO list (slot, in_force, bundle, event, epoch, sequence, made_at, definition, tickets, checksum, signer, "
    "next_chunk, loaded) VALUES (0, 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
constexpr const char *kWriteTicket =
    "INSERT INTO ticket_a (ordinal, addon_of, codes, body, holder) VALUES (?1, ?2, ?3, ?4, ?5)";

Result<void> copyFeed(storage::Database &from, const Replica &source, storage::Database &to)
{
    const ListHead &head = *source.head();
    auto write = to.prepare("INSERT INTO feed (slot, resume, passages, history) VALUES (0, ?1, ?2, ?3)");
    if (!write)
        return write.error();
    write->bind(1, base::ByteView(head.resume))
        .bind(2, static_cast<std::int64_t>(head.passages))
        .bind(3, base::ByteView(head.history.value()));
    if (auto written = write->run(); !written)
        return written;
    auto read = from.prepare(std::string("SELECT no, kind, body FROM ") + logOf(source.slot()));
    if (!read)
        return read.error();
    auto log = to.prepare("INSERT INTO feed_log_a (no, kind, body) VALUES (?1, ?2, ?3)");
    if (!log)
        return log.error();
    for (;;) {
        const auto more = read->step();
        if (!more)
            return more.error();
        if (!*more)
            return {};
        log->bind(1, read->integer(0)).bind(2, read->integer(1)).bind(3, read->bytes(2));
        if (auto written = log->run(); !written)
            return written;
    }
}

Result<void> copyHead(storage::Database &from, storage::Database &to)
{
    auto read = from.prepare(kReadList);
    if (!read)
        return read.error();
    const auto found = read->step();
    if (!found)
        return found.error();
    if (!*found)
        return base::corrupt("list: there is none");
    auto write = to.prepare(kWriteList);
    if (!write)
        return write.error();
    write->bind(1, read->bytes(0))
        .bind(2, read->text(1))
        .bind(3, read->integer(2))
        .bind(4, read->integer(3))
        .bind(5, read->integer(4))
        .bind(6, read->bytes(5))
        .bind(7, read->integer(6))
        .bind(8, read->bytes(7))
        .bind(9, read->bytes(8))
        .bind(10, read->integer(9))
        .bind(11, read->bytes(10));
    return write->run();
}

Result<void> copyTickets(storage::Database &from, const Replica &source, storage::Database &to)
{
    auto read =
        from.prepare(std::string("SELECT ordinal, addon_of, codes, body, holder FROM ") + tableOf(source.slot()));
    if (!read)
        return read.error();
    auto write = to.prepare(kWriteTicket);
    if (!write)
        return write.error();
    for (;;) {
        const auto more = read->step();
        if (!more)
            return more.error();
        if (!*more)
            return {};
        write->bind(1, read->integer(0)).bind(3, read->bytes(2)).bind(4, read->bytes(3));
        if (read->isNull(1))
            write->bindNull(2);
        else
            write->bind(2, read->integer(1));
        if (read->isNull(4))
            write->bindNull(5);
        else
            write->bind(5, read->bytes(4));
        if (auto written = write->run(); !written)
            return written;
    }
}

} // namespace

Result<void> copyList(storage::Database &from, const Replica &source, storage::Database &to)
{
    auto transaction = storage::Transaction::begin(to);
    if (!transaction)
        return transaction.error();
    if (auto done = copyHead(from, to); !done)
        return done;
    if (auto done = copyTickets(from, source, to); !done)
        return done;
    if (auto done = copyFeed(from, source, to); !done)
        return done;
    return transaction->commit();
}

} // namespace voelgoed::replica

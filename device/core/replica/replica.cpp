#include "device/core/replica/replica.h"

#include "device/core/storage/settings.h"

#include <algorithm>

namespace voelgoed::replica {

using base::Result;

namespace {

constexpr const char *kTables = R"sql(
CREATE TABLE IF NOT EXISTS list (
    slot INTEGER PRIMARY KEY,
    in_force INTEGER NOT NULL,
    bundle BLOB NOT NULL,
    event TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    definition BLOB NOT NULL,
    tickets INTEGER NOT NULL,
    checksum BLOB NOT NULL,
    signer BLOB NOT NULL,
    next_chunk INTEGER NOT NULL,
    loaded BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS ticket_a (
    ordinal INTEGER PRIMARY KEY, addon_of INTEGER, codes BLOB NOT NULL, body BLOB NOT NULL, holder BLOB
) STRICT;
CREATE TABLE IF NOT EXISTS ticket_b (
    ordinal INTEGER PRIMARY KEY, addon_of INTEGER, codes BLOB NOT NULL, body BLOB NOT NULL, holder BLOB
) STRICT;
CREATE TABLE IF NOT EXISTS feed (
    slot INTEGER PRIMARY KEY, resume BLOB NOT NULL, passages INTEGER NOT NULL, history BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS feed_log_a (no INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS feed_log_b (no INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
)sql";

constexpr const char *kHead = "SELECT slot, event, epoch, sequence, made_at, definition, tickets, checksum, signer, "
                              "resume, passages, history FROM list LEFT JOIN feed USING (slot) WHERE in_force = 1";
constexpr std::size_t kHashSize = 16;

template <class Array>
Result<Array> arrayIn(base::ByteView bytes, const char *what)
{
    Array array{};
    if (bytes.size() != array.size())
        return base::corrupt(std::string("list: ") + what + " of a wrong length");
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
}

/// What the index is made from is what the signed ticket says. Columns: ordinal, body, codes, addon_of.
Result<void> columnsAgree(const storage::Statement &ticket)
{
    const std::string_view body = base::textOf(ticket.bytes(1));
    const std::string_view codes = base::textOf(ticket.bytes(2));
    bool same = codes.size() % kHashSize == 0;
    for (std::size_t at = 0; same && at < codes.size(); at += kHashSize)
        same = body.find(codes.substr(at, kHashSize)) != std::string_view::npos;
    if (same && !ticket.isNull(3)) {
        const auto listed = protocol::decodeTicket(ticket.bytes(1));
        same = listed && listed->ticket.addonOf &&
               static_cast<std::int64_t>(listed->ticket.addonOf->value) == ticket.integer(3);
    }
    return same ? Result<void>()
                : base::corrupt("list: ticket " + std::to_string(ticket.integer(0)) + " is not what was loaded");
}

base::Error unknownList()
{
    return {base::ErrorCode::Unavailable, "list: it cannot be read which one is in force", {}};
}

} // namespace

const char *tableOf(Slot slot)
{
    return slot == Slot::A ? "ticket_a" : "ticket_b";
}

const char *logOf(Slot slot)
{
    return slot == Slot::A ? "feed_log_a" : "feed_log_b";
}

IndexedTicket indexedOf(const protocol::ListedTicket &listed)
{
    IndexedTicket indexed{.ordinal = listed.ticket.ordinal, .addonOf = listed.ticket.addonOf, .codes = {}};
    for (const protocol::CodeEntry &code : listed.codes)
        indexed.codes.push_back(code.hash);
    return indexed;
}

base::Bytes joinedHashes(const std::vector<protocol::CodeEntry> &codes)
{
    base::Bytes bytes;
    bytes.reserve(codes.size() * kHashSize);
    for (const protocol::CodeEntry &code : codes)
        bytes.insert(bytes.end(), code.hash.begin(), code.hash.end());
    return bytes;
}

Result<Replica> Replica::open(storage::Database &database, storage::Tables tables)
{
    const auto made = tables == storage::Tables::Make ? database.execute(kTables) : Result<void>();
    if (!made)
        return made.error().at("list");
    Replica replica(database);
    if (auto read = replica.refresh(); !read)
        return read.error().at("list");
    return replica;
}

Result<std::shared_ptr<const Slot>> Replica::reserveLoad()
{
    if (!m_known)
        return unknownList();
    if (!m_loading.expired())
        return base::Error{base::ErrorCode::Conflict, "another list is being loaded", "Load again when that is done."};
    auto reserved = std::make_shared<const Slot>(m_head ? otherThan(m_slot) : Slot::A);
    m_loading = reserved;
    return reserved;
}

Result<void> Replica::refresh()
{
    m_head.reset();
    m_find.reset();
    auto read = readHead();
    m_known = static_cast<bool>(read);
    return read;
}

Result<void> Replica::readHead()
{
    auto select = m_database->prepare(kHead);
    if (!select)
        return select.error();
    const auto found = select->step();
    if (!found)
        return found.error();
    if (!*found)
        return {};
    const auto checksum = arrayIn<bitmap::RollingChecksum::Value>(select->bytes(7), "checksum");
    if (!checksum)
        return checksum.error();
    const auto signer = arrayIn<base::PublicKey>(select->bytes(8), "signer");
    if (!signer)
        return signer.error();
    // A list of a version that knew no feed has none of this.
    const bool fed = !select->isNull(11);
    const auto history = fed ? arrayIn<bitmap::RollingChecksum::Value>(select->bytes(11), "history's checksum")
                             : Result<bitmap::RollingChecksum::Value>(bitmap::RollingChecksum::Value{});
    if (!history)
        return history.error();
    const base::ByteView resume = select->bytes(9);
    const base::ByteView definition = select->bytes(5);
    m_slot = select->integer(0) == 0 ? Slot::A : Slot::B;
    m_head = ListHead{.cursor = {{std::string(select->text(1))},
                                 static_cast<std::uint32_t>(select->integer(2)),
                                 static_cast<std::uint64_t>(select->integer(3))},
                      .madeAt = base::instantFromMillis(select->integer(4)),
                      .definition = {definition.begin(), definition.end()},
                      .tickets = static_cast<std::uint32_t>(select->integer(6)),
                      .checksum = bitmap::RollingChecksum(*checksum),
                      .signer = *signer,
                      .resume = {resume.begin(), resume.end()},
                      .passages = static_cast<std::uint64_t>(select->integer(10)),
                      .history = bitmap::RollingChecksum(*history)};
    auto find = m_database->prepare(std::string("SELECT body FROM ") + tableOf(m_slot) + " WHERE ordinal = ?1");
    if (!find)
        return find.error();
    m_find.emplace(std::move(*find));
    return {};
}

Result<std::optional<protocol::ListedTicket>> Replica::find(domain::Ordinal ordinal)
{
    if (!m_known)
        return unknownList();
    if (!m_find)
        return std::optional<protocol::ListedTicket>();
    const auto found = m_find->bind(1, std::int64_t{ordinal.value}).step();
    if (!found)
        return found.error();
    if (!*found)
        return std::optional<protocol::ListedTicket>();
    auto ticket = protocol::decodeTicket(m_find->bytes(0));
    m_find->reset();
    if (!ticket)
        return base::corrupt("list: " + ticket.error().message);
    if (ticket->ticket.ordinal != ordinal)
        return base::corrupt("list: ticket " + std::to_string(ordinal.value) + " holds another ticket");
    return std::optional(std::move(*ticket));
}

Result<void> Replica::eachIndexed(Slot slot, const std::function<Result<void>(const IndexedTicket &)> &use)
{
    auto select = m_database->prepare(std::string("SELECT ordinal, addon_of, codes FROM ") + tableOf(slot));
    if (!select)
        return select.error();
    IndexedTicket ticket;
    for (;;) {
        const auto more = select->step();
        if (!more)
            return more.error();
        if (!*more)
            return {};
        ticket.ordinal = {static_cast<std::uint32_t>(select->integer(0))};
        ticket.addonOf.reset();
        if (!select->isNull(1))
            ticket.addonOf = domain::Ordinal{static_cast<std::uint32_t>(select->integer(1))};
        const base::ByteView codes = select->bytes(2);
        if (codes.size() % kHashSize != 0)
            return base::corrupt("list: codes of a wrong length");
        ticket.codes.resize(codes.size() / kHashSize);
        for (std::size_t i = 0; i < ticket.codes.size(); ++i) {
            const base::ByteView hash = codes.subspan(i * kHashSize, kHashSize);
            std::copy(hash.begin(), hash.end(), ticket.codes[i].begin());
        }
        if (auto used = use(ticket); !used)
            return used;
    }
}

Result<void> Replica::verify()
{
    if (!m_head)
        return {};
    bitmap::RollingChecksum checksum;
    protocol::toggleDefinition(checksum, m_head->definition);
    auto select = m_database->prepare(std::string("SELECT ordinal, body, codes, addon_of FROM ") + tableOf(m_slot));
    if (!select)
        return select.error();
    std::uint32_t tickets = 0;
    for (;; ++tickets) {
        const auto more = select->step();
        if (!more)
            return more.error();
        if (!*more)
            break;
        const domain::Ordinal ordinal{static_cast<std::uint32_t>(select->integer(0))};
        protocol::toggleTicket(checksum, ordinal, select->bytes(1));
        if (auto same = columnsAgree(*select); !same)
            return same;
    }
    if (tickets != m_head->tickets || checksum != m_head->checksum)
        return base::corrupt("list: the tickets on this device differ from what was signed",
                             "Load the event's bundle again.");
    std::uint64_t passages = 0;
    bitmap::RollingChecksum history;
    auto read = eachLogged([&](Logged, base::ByteView bytes) {
        ++passages;
        protocol::togglePassage(history, bytes);
        return Result<void>();
    });
    if (!read)
        return read;
    if (passages != m_head->passages || history != m_head->history)
        return base::corrupt("list: the other gates' passages differ from what was sent",
                             "Load the event's bundle again.");
    return {};
}

Result<void> Replica::eachLogged(const std::function<Result<void>(Logged, base::ByteView)> &use)
{
    if (!m_head)
        return {};
    auto select = m_database->prepare(std::string("SELECT kind, body FROM ") + logOf(m_slot) + " ORDER BY no");
    if (!select)
        return select.error();
    for (;;) {
        const auto more = select->step();
        if (!more)
            return more.error();
        if (!*more)
            return {};
        if (auto used = use(select->integer(0) == 0 ? Logged::Passage : Logged::Row, select->bytes(1)); !used)
            return used;
    }
}

Result<std::optional<base::PublicKey>> Replica::trustedSigner()
{
    const auto text = storage::setting(*m_database, kTrustedSigner);
    if (!text)
        return text.error();
    if (!*text)
        return std::optional<base::PublicKey>();
    const auto bytes = base::fromHex(**text);
    if (!bytes)
        return base::corrupt("list: the trusted signer cannot be read");
    const auto key = arrayIn<base::PublicKey>(*bytes, "trusted signer");
    if (!key)
        return key.error();
    return std::optional(*key);
}

} // namespace voelgoed::replica

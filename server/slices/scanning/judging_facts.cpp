#include "server/slices/scanning/judging.h"

#include "shared/admission/history.h"
#include "shared/protocol/row.h"
#include "shared/protocol/ticket.h"
#include "shared/ticket/checked_code.h"
#include "shared/ticket/event_ring.h"
#include "shared/ticket/foreign.h"
#include "shared/ticket/pretix_sig1.h"
#include "shared/ticket/typed.h"

#include <algorithm>

namespace voelgoed::scanning {

using async::Task;
using base::Result;
using domain::CodeForm;
using domain::Reason;

namespace {

// Each code and each ticket is looked for by itself, in its index: see store_facts.cpp.
constexpr pg::Sql kByCode{R"(
SELECT c.hash, t.ordinal, t.message FROM unnest($2::bytea[]) AS asked (hash)
CROSS JOIN LATERAL (
    SELECT hash, ordinal FROM scanning.feed_codes
    WHERE organization_id = app.org() AND event_id = $1 AND hash = asked.hash OFFSET 0) c
CROSS JOIN LATERAL (
    SELECT ordinal, message FROM scanning.feed_tickets
    WHERE organization_id = app.org() AND event_id = $1 AND ordinal = c.ordinal OFFSET 0) t)"};

constexpr pg::Sql kTicket{R"(
SELECT ordinal, message FROM scanning.feed_tickets
WHERE organization_id = app.org() AND event_id = $1 AND ordinal = $2)"};

constexpr pg::Sql kAddons{R"(
SELECT ordinal, message FROM scanning.feed_tickets
WHERE organization_id = app.org() AND event_id = $1 AND addon_of = $2 AND ordinal <> $2 ORDER BY ordinal)"};

constexpr pg::Sql kPassages{R"(
SELECT s.passage, s.row FROM (SELECT DISTINCT unnest($2::int[])) AS asked (number)
CROSS JOIN LATERAL (
    SELECT passage, row FROM scanning.scans
    WHERE organization_id = app.org() AND event_id = $1 AND ordinal = asked.number AND feed_seq IS NOT NULL OFFSET 0) s)"};

constexpr pg::Sql kPlaces{R"(
SELECT checkpoint, gate, entries, exits, refused, since, since_entries, since_exits FROM scanning.occupancy
WHERE organization_id = app.org() AND event_id = $1)"};

/// Reads what is known of one scan, step by step.
class Loader
{
public:
    Loader(pg::Tx &tx, const JudgedFor &of, const domain::Scan &scan)
        : m_tx(tx),
          m_of(of),
          m_event(of.event),
          m_book(*of.book),
          m_scan(scan),
          m_checkpoint(m_book.rulebook.checkpoint(scan.checkpoint.view()))
    {}

    Task<Result<ScanFacts>> load()
    {
        if (const auto found = co_await findTicket(); !found)
            co_return found.error();
        if (const auto found = co_await findAddons(); !found)
            co_return found.error();
        for (const admission::Candidate &candidate : m_facts.candidates.tickets) {
            const auto all = co_await passagesOf(candidate.ticket.ordinal);
            if (!all)
                co_return all.error();
            std::vector<NamedPassage> &here = m_facts.histories.emplace_back();
            std::copy_if(all->begin(), all->end(), std::back_inserter(here),
                         [&](const NamedPassage &passage) { return passage.record.checkpoint == m_scan.checkpoint; });
        }
        if (const auto counted = co_await count(); !counted)
            co_return counted.error();
        co_return std::move(m_facts);
    }

private:
    Task<Result<void>> findTicket()
    {
        const auto cleaned = ticket::cleanForeign(m_scan.code, ticket::AimMarker::NotSent);
        m_facts.hash = ticket::foreignHash(cleaned ? std::string_view(*cleaned) : std::string_view(m_scan.code));
        if (!cleaned)
            co_return Result<void>();
        const auto listed = co_await byCode(m_facts.hash, CodeForm::Foreign);
        if (!listed || *listed)
            co_return listed ? Result<void>() : Result<void>(listed.error());
        const auto parsed = ticket::parseT1(m_scan.code);
        if (const auto *code = std::get_if<ticket::T1Code>(&parsed))
            co_return co_await bySignature(*code);
        for (const base::VerifyingKey &key : m_book.pretixKeys) {
            const auto pretix = ticket::verifyPretix(*cleaned, key);
            if (!pretix && pretix.error().code == base::ErrorCode::Invalid)
                break;
            m_facts.form = CodeForm::PretixSigned;
            m_facts.candidates.problem = pretix ? Reason::Unknown : Reason::Forged;
            if (pretix)
                co_return Result<void>();
        }
        const auto typed = ticket::parseTyped(*cleaned);
        if (m_facts.form != CodeForm::Unknown || !typed)
            co_return Result<void>();
        const auto led = co_await byCode(ticket::typedHash(*typed), CodeForm::TypedFallback);
        co_return led ? Result<void>() : Result<void>(led.error());
    }

    Task<Result<bool>> byCode(domain::CodeHash hash, CodeForm form)
    {
        const std::vector<base::ByteView> hashes{hash};
        const auto rows = co_await m_tx.run(kByCode, pg::Params::of(m_event, hashes));
        if (!rows)
            co_return rows.error();
        if (rows->empty())
            co_return false;
        auto listed = protocol::decodeTicket(rows->front().get<base::Bytes>(2));
        if (!listed)
            co_return base::corrupt("a ticket in the database: " + listed.error().message);
        // A code that its ticket has lost leads nowhere.
        const auto code = std::find_if(listed->codes.begin(), listed->codes.end(),
                                       [&](const protocol::CodeEntry &entry) { return entry.hash == hash; });
        if (code == listed->codes.end())
            co_return false;
        m_facts.form = form;
        m_facts.candidates.tickets.push_back({.ticket = std::move(listed->ticket),
                                              .presentedGeneration = code->generation,
                                              .codeWithdrawn = code->withdrawn});
        co_return true;
    }

    Task<Result<void>> bySignature(ticket::T1Code code)
    {
        m_facts.form = code.rotating ? CodeForm::SignedRotating : CodeForm::Signed;
        if (!m_book.ring) {
            m_facts.candidates.problem = m_book.keys.keySlots.empty() ? Reason::WrongEvent : Reason::Forged;
            co_return Result<void>();
        }
        // Which step was the last is known once it is known whose.
        auto checked = ticket::checkCode(code, *m_book.ring, {m_scan.at}, [](domain::Ordinal) { return 0U; });
        if (const auto *held = std::get_if<ticket::CheckedCode>(&checked); held && held->rotatingStep > 0) {
            const auto before = co_await passagesOf(held->claims.ordinal);
            if (!before)
                co_return before.error();
            std::uint64_t last = 0;
            for (const NamedPassage &passage : *before)
                last = std::max(last, passage.record.rotatingStep);
            checked = ticket::checkCode(code, *m_book.ring, {m_scan.at}, [last](domain::Ordinal) { return last; });
        }
        if (const auto *problem = std::get_if<ticket::T1Problem>(&checked)) {
            m_facts.candidates.problem = ticket::reasonOf(*problem);
            co_return Result<void>();
        }
        const auto &held = std::get<ticket::CheckedCode>(checked);
        m_facts.rotatingStep = held.rotatingStep;
        const auto rows =
            co_await m_tx.run(kTicket, pg::Params::of(m_event, static_cast<std::int32_t>(held.claims.ordinal.value)));
        if (!rows)
            co_return rows.error();
        if (rows->empty()) {
            m_facts.candidates.tickets.push_back({.ticket = ticket::ticketOf(held.claims, m_book.keys, *m_book.ring),
                                                  .presentedGeneration = held.claims.generation,
                                                  .listed = false});
            co_return Result<void>();
        }
        co_return add(rows->front().get<base::Bytes>(1), held.claims.generation);
    }

    Result<void> add(base::ByteView message, std::optional<std::uint8_t> generation)
    {
        auto listed = protocol::decodeTicket(message);
        if (!listed)
            return base::corrupt("a ticket in the database: " + listed.error().message);
        const std::uint8_t presented = generation.value_or(listed->ticket.generation);
        m_facts.candidates.tickets.push_back({.ticket = std::move(listed->ticket), .presentedGeneration = presented});
        return {};
    }

    Task<Result<void>> findAddons()
    {
        if (m_facts.candidates.tickets.empty() || !m_checkpoint || !m_checkpoint->definition.matchAddons)
            co_return Result<void>();
        const auto ordinal = static_cast<std::int32_t>(m_facts.candidates.tickets.front().ticket.ordinal.value);
        const auto rows = co_await m_tx.run(kAddons, pg::Params::of(m_event, ordinal));
        if (!rows)
            co_return rows.error();
        for (std::size_t i = 0; i < rows->size(); ++i) {
            if (auto added = add((*rows)[i].get<base::Bytes>(1), {}); !added)
                co_return added;
        }
        co_return Result<void>();
    }

    /// Those that stand, at all checkpoints, in the total order.
    Task<Result<std::vector<NamedPassage>>> passagesOf(domain::Ordinal ordinal)
    {
        const std::vector<std::int32_t> ordinals{static_cast<std::int32_t>(ordinal.value)};
        const auto rows = co_await m_tx.run(kPassages, pg::Params::of(m_event, ordinals));
        if (!rows)
            co_return rows.error();
        std::vector<protocol::PassageRecord> records;
        std::map<domain::RowKey, std::string> nonces;
        for (std::size_t i = 0; i < rows->size(); ++i) {
            auto passage = protocol::decodePassage((*rows)[i].get<base::Bytes>(0));
            const auto row = protocol::decodeRow((*rows)[i].get<base::Bytes>(1));
            if (!passage || !row)
                co_return base::corrupt("a passage in the database cannot be read");
            if (const auto *scan = std::get_if<domain::ScanRecord>(&row->what))
                nonces[row->key] = scan->nonce.empty() && !row->key.device.text.starts_with(kJsonDevice)
                                       ? admission::nonceOf(row->key.epoch, row->key.sequence)
                                       : scan->nonce;
            records.push_back(std::move(*passage));
        }
        std::vector<NamedPassage> passages;
        for (protocol::PassageRecord &record : standing(records)) {
            std::string nonce = nonces[record.row];
            passages.push_back({std::move(record), std::move(nonce)});
        }
        std::sort(passages.begin(), passages.end(),
                  [](const auto &a, const auto &b) { return isEarlier(a.record, b.record); });
        co_return passages;
    }

    Task<Result<void>> count()
    {
        const auto rows = co_await m_tx.run(kPlaces, pg::Params::of(m_event));
        if (!rows)
            co_return rows.error();
        for (const auto row : *rows) {
            const GateCount place = gateCountOf(row);
            m_facts.places[place.of] = place.sum;
        }
        m_facts.throughGate = static_cast<std::uint32_t>(
            std::max<std::int64_t>(scanning::throughGate(m_facts.places, m_scan.gate.text), 0));
        if (!m_checkpoint || !m_checkpoint->definition.capacity)
            co_return Result<void>();
        const auto inside = co_await m_of.areas.inside(
            m_tx,
            {.event = m_event, .head = m_of.head, .book = m_of.book, .checkpoint = m_checkpoint, .now = m_scan.at});
        if (!inside)
            co_return inside.error();
        m_facts.insideHere = *inside;
        co_return Result<void>();
    }

    pg::Tx &m_tx;
    const JudgedFor &m_of;
    const base::Uuid m_event;
    const EventBook &m_book;
    const domain::Scan &m_scan;
    const admission::CompiledCheckpoint *m_checkpoint;
    ScanFacts m_facts;
};

} // namespace

Task<Result<ScanFacts>> loadScanFacts(pg::Tx &tx, JudgedFor of, domain::Scan scan)
{
    Loader loader(tx, of, scan);
    co_return co_await loader.load();
}

} // namespace voelgoed::scanning

#include "server/slices/scanning/snapshots.h"

#include "server/slices/scanning/reading.h"
#include "shared/protocol/bundle_builder.h"
#include "shared/protocol/cursor.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace voelgoed::scanning {

using async::Task;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr std::int64_t kBehindMax = 50'000; ///< changes that a device had rather follow than wait for a new file
constexpr std::int32_t kPage = 20'000;

// Every page is read at a moment of its own; the feed behind the snapshot's head brings what changed meanwhile, and
// what is newer than the head already does no harm, since it comes once more.
constexpr pg::Sql kHead{R"(
SELECT epoch, head, definition_seq, definition, list_checksum, history_checksum, tickets
FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1)"};

constexpr pg::Sql kTickets{R"(
SELECT ordinal, message, holder FROM scanning.feed_tickets
WHERE organization_id = app.org() AND event_id = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3)"};

constexpr pg::Sql kPassages{R"(
SELECT feed_seq, passage FROM scanning.scans
WHERE organization_id = app.org() AND event_id = $1 AND feed_seq > $2 AND feed_seq <= $3 ORDER BY feed_seq LIMIT $4)"};

constexpr pg::Sql kRepeatable{"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"};

Result<void> write(const std::string &path, const protocol::BundleBuilder::Parts &parts)
{
    const std::string beside = path + ".new";
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    const auto put = [&](const base::Bytes &bytes) {
        out.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    };
    put(parts.head);
    for (const base::Bytes &chunk : parts.chunks)
        put(chunk);
    out.close();
    if (!out || std::rename(beside.c_str(), path.c_str()) != 0)
        return Error{ErrorCode::Unavailable, path + ": cannot be written: " + std::strerror(errno), {}};
    return {};
}

} // namespace

Task<Result<SnapshotFile>> Snapshots::get(base::Uuid organization, base::Uuid event)
{
    const auto rows = co_await m_kernel.database.read(organization, kHead, pg::Params::of(event));
    if (!rows)
        co_return rows.error();
    if (rows->empty() || rows->isNull(0, 3))
        co_return Error{ErrorCode::NotFound, "no feed", "There is no such event.", "not_found"};
    const std::int64_t head = headOf(rows->front()).head;
    if (const auto found = m_files.find(event); found != m_files.end() && found->second.head + kBehindMax >= head &&
                                                std::filesystem::exists(found->second.path))
        co_return found->second;
    if (const auto running = m_making.find(event); running != m_making.end()) {
        const auto making = running->second;
        co_await making->done.wait();
        co_return *making->result;
    }
    const auto making = std::make_shared<Making>(m_kernel.executor);
    m_making.emplace(event, making);
    making->result = co_await make(organization, event);
    m_making.erase(event);
    if (*making->result)
        m_files[event] = **making->result;
    making->done.notify();
    co_return *making->result;
}

Task<Result<SnapshotFile>> Snapshots::make(base::Uuid organization, base::Uuid event)
{
    auto unit = co_await m_kernel.database.begin({access::Actor::system(organization, "snapshot"), {}});
    if (!unit)
        co_return unit.error();
    pg::Tx &tx = unit->tx();
    const auto begun = co_await tx.run({{kRepeatable, {}}, {kHead, pg::Params::of(event)}});
    if (!begun)
        co_return begun.error();
    if (begun->at(1).empty() || begun->at(1).isNull(0, 3))
        co_return Error{ErrorCode::NotFound, "no feed", "There is no such event.", "not_found"};
    const FeedHead head = headOf(begun->at(1).front());
    const auto builder = std::make_shared<protocol::BundleBuilder>(*head.definition);
    for (std::int32_t after = -1;;) {
        const auto rows = co_await tx.run(kTickets, pg::Params::of(event, after, kPage));
        if (!rows)
            co_return rows.error();
        if (rows->empty())
            break;
        after = (*rows)[rows->size() - 1].get<std::int32_t>(0);
        co_await m_kernel.workers.run([builder, rows = *rows] {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                builder->addTicket({static_cast<std::uint32_t>(rows[i].get<std::int32_t>(0))},
                                   {rows[i].get<base::Bytes>(1), rows[i].get<std::string>(2)});
            }
            return true;
        });
    }
    for (std::int64_t after = 0;;) {
        const auto rows = co_await tx.run(kPassages, pg::Params::of(event, after, head.head, kPage));
        if (!rows)
            co_return rows.error();
        if (rows->empty())
            break;
        after = (*rows)[rows->size() - 1].get<std::int64_t>(0);
        co_await m_kernel.workers.run([builder, rows = *rows] {
            for (std::size_t i = 0; i < rows.size(); ++i)
                builder->addPassage({rows[i].get<base::Bytes>(1)});
            return true;
        });
    }
    protocol::BundleBuilder::Stamp stamp{
        .cursor = {.event = {base::toText(event)},
                   .epoch = static_cast<std::uint32_t>(head.epoch),
                   .sequence = static_cast<std::uint64_t>(head.head)},
        .madeAt = m_kernel.clock.now().wall,
        .resume = protocol::sealCursor(
            {.epoch = static_cast<std::uint32_t>(head.epoch), .sequence = static_cast<std::uint64_t>(head.head)},
            cursorScope(organization, event), m_kernel.cursorKey)};
    const std::string folder = m_kernel.dataFolder + "/snapshots";
    const std::string tag = base::toText(event) + "-" + std::to_string(head.epoch) + "-" + std::to_string(head.head);
    SnapshotFile file{
        .path = folder + "/" + base::toText(event) + ".bundle", .entityTag = "\"" + tag + "\"", .head = head.head};
    const base::SigningKey &identity = m_kernel.identity;
    auto written =
        co_await m_kernel.workers.run([builder, stamp, folder, path = file.path, &identity]() -> Result<void> {
            std::error_code failed;
            std::filesystem::create_directories(folder, failed);
            return write(path, builder->finish(stamp, identity));
        });
    if (!written)
        co_return written.error();
    co_return file;
}

} // namespace voelgoed::scanning

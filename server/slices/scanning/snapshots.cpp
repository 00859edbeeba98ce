#include "server/slices/scanning/snapshots.h"

#include "server/platform/pg/stream.h"
#include "server/slices/scanning/reading.h"
#include "shared/protocol/bundle_builder.h"
#include "shared/protocol/cursor.h"

#include <cerrno>
#include <cinttypes>
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

constexpr pg::Sql kHead{R"(
SELECT epoch, head, definition_seq, definition, list_checksum, history_checksum, tickets
FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1)"};

// All of a bundle in one statement, so that it is of one moment: the definition with the head and the epoch, tickets by
// ordinal, passages by number.
constexpr pg::Sql kAll{R"(
(SELECT 0::smallint AS kind, head AS number, definition AS bytes, epoch::text AS text
 FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1 AND definition IS NOT NULL)
UNION ALL
(SELECT 1::smallint, ordinal::bigint, message,
    CASE WHEN (SELECT sends_names FROM scanning.feeds WHERE organization_id = app.org() AND event_id = $1)
        THEN holder ELSE '' END
 FROM scanning.feed_tickets WHERE organization_id = app.org() AND event_id = $1 ORDER BY ordinal)
UNION ALL
(SELECT 2::smallint, feed_seq, passage, ''
 FROM scanning.scans WHERE organization_id = app.org() AND event_id = $1 AND feed_seq > 0 ORDER BY feed_seq))"};

enum Kind : std::int16_t { Definition, Ticket, Passage };

void add(protocol::BundleBuilder &builder, const pg::Rows &rows, std::size_t first)
{
    for (std::size_t i = first; i < rows.size(); ++i) {
        const auto number = rows[i].get<std::int64_t>(1);
        if (rows[i].get<std::int16_t>(0) == Kind::Ticket)
            builder.addTicket({static_cast<std::uint32_t>(number)},
                              {rows[i].get<base::Bytes>(2), rows[i].get<std::string>(3)});
        else
            builder.addPassage({rows[i].get<base::Bytes>(2)});
    }
}

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

/// What tells one bundle of an event from another: two of one head are still not the same bytes.
struct Name
{
    std::int32_t epoch = 0;
    std::int64_t head = 0, madeAt = 0;
};

SnapshotFile fileOf(const std::string &folder, const base::Uuid &event, const Name &name)
{
    const std::string tag = base::toText(event) + "-" + std::to_string(name.epoch) + "-" + std::to_string(name.head) +
                            "-" + std::to_string(name.madeAt);
    return {
        .path = folder + "/" + tag + ".bundle", .entityTag = "\"" + tag + "\"", .head = name.head, .epoch = name.epoch};
}

std::vector<std::string> bundlesOf(const std::string &folder, const base::Uuid &event)
{
    std::vector<std::string> found;
    std::error_code failed;
    for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
        const std::string name = at->path().filename().string();
        if (name.starts_with(base::toText(event) + "-") && name.ends_with(".bundle"))
            found.push_back(at->path().string());
    }
    return found;
}

/// The newest that an earlier run of the server left: a download that was cut off with it goes on in the same bytes.
std::optional<SnapshotFile> leftBehind(const std::string &folder, const base::Uuid &event, const FeedHead &now)
{
    std::optional<Name> newest;
    for (const std::string &path : bundlesOf(folder, event)) {
        Name name;
        const std::string rest = std::filesystem::path(path).filename().string().substr(base::toText(event).size());
        const int read =
            std::sscanf(rest.c_str(), "-%" SCNd32 "-%" SCNd64 "-%" SCNd64, &name.epoch, &name.head, &name.madeAt);
        const bool fits = read == 3 && name.epoch == now.epoch && name.head <= now.head;
        if (fits && fileOf(folder, event, name).path == path && (!newest || name.madeAt > newest->madeAt))
            newest = name;
    }
    return newest ? std::optional(fileOf(folder, event, *newest)) : std::nullopt;
}

void removeOthers(const std::string &folder, const base::Uuid &event, const std::string &kept)
{
    std::error_code failed;
    for (const std::string &path : bundlesOf(folder, event)) {
        if (path != kept)
            std::filesystem::remove(path, failed);
    }
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
    if (!m_files.contains(event)) {
        if (auto left = leftBehind(folder(), event, headOf(rows->front())))
            m_files.emplace(event, std::move(*left));
    }
    if (const auto found = m_files.find(event); found != m_files.end() && found->second.head + kBehindMax >= head &&
                                                found->second.epoch == headOf(rows->front()).epoch &&
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
    auto stream =
        co_await pg::Stream::open(m_kernel.lists.pool(), pg::Scope::of(organization), kAll, pg::Params::of(event));
    if (!stream)
        co_return stream.error();
    auto rows = co_await stream->next();
    if (!rows)
        co_return rows.error();
    if (rows->empty() || (*rows)[0].get<std::int16_t>(0) != Kind::Definition)
        co_return Error{ErrorCode::NotFound, "no feed", "There is no such event.", "not_found"};
    const FeedHead head{.epoch = std::stoi((*rows)[0].get<std::string>(3)), .head = (*rows)[0].get<std::int64_t>(1)};
    const auto builder = std::make_shared<protocol::BundleBuilder>((*rows)[0].get<base::Bytes>(2));
    for (std::size_t first = 1; !rows->empty(); first = 0) {
        co_await m_kernel.workers.run([builder, some = *rows, first] {
            add(*builder, some, first);
            return true;
        });
        rows = co_await stream->next();
        if (!rows)
            co_return rows.error();
    }
    protocol::BundleBuilder::Stamp stamp{
        .cursor = {.event = {base::toText(event)},
                   .epoch = static_cast<std::uint32_t>(head.epoch),
                   .sequence = static_cast<std::uint64_t>(head.head)},
        .madeAt = m_kernel.clock.now().wall,
        .resume = protocol::sealCursor(
            {.epoch = static_cast<std::uint32_t>(head.epoch), .sequence = static_cast<std::uint64_t>(head.head)},
            cursorScope(organization, event), m_kernel.cursorKey)};
    SnapshotFile file = fileOf(folder(), event, {head.epoch, head.head, base::millisOf(stamp.madeAt)});
    const base::SigningKey &identity = m_kernel.identity;
    auto written =
        co_await m_kernel.workers.run([builder, stamp, folder = folder(), event, file, &identity]() -> Result<void> {
            std::error_code failed;
            std::filesystem::create_directories(folder, failed);
            auto done = write(file.path, builder->finish(stamp, identity));
            if (done)
                removeOthers(folder, event, file.path);
            return done;
        });
    if (!written)
        co_return written.error();
    co_return file;
}

} // namespace voelgoed::scanning

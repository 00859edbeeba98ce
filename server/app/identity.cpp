#include "server/app/identity.h"

#include "shared/base/crypto/digest.h"
#include "shared/base/json.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

namespace voelgoed::app {

using base::Result;

namespace {

constexpr pg::Sql kClaim{"SELECT platform.claim_keys($1, $2)"};

// How far events were told is the latest of the transactions that are written down, but for what was told last.
constexpr pg::Sql kIsBehind{R"(
SELECT xid >= pg_snapshot_xmax(pg_current_snapshot()), xid::text::bigint FROM platform.outbox_reader('topics'))"};

base::Error trouble(const std::string &file, const char *what)
{
    return {base::ErrorCode::Unavailable, file + ": " + what + ": " + std::strerror(errno), {}};
}

/// Whole or not at all, and on the disk when this returns.
Result<void> writeSecret(const std::string &file, const std::string &text)
{
    const std::string beside = file + ".new";
    ::unlink(beside.c_str());
    const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return trouble(beside, "cannot be made");
    const bool written =
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
    ::close(descriptor);
    if (!written || std::rename(beside.c_str(), file.c_str()) != 0)
        return trouble(file, "cannot be written");
    return {};
}

Result<base::Bytes> bytesOf(const boost::json::object &object, const char *name, const std::string &file)
{
    const auto *field = object.if_contains(name);
    if (!field || !field->is_string())
        return base::corrupt(file + ": " + name + " is missing");
    auto bytes = base::fromHex(field->as_string());
    if (!bytes || bytes->size() != 32)
        return base::corrupt(file + ": " + name + " is no key");
    return bytes;
}

Result<Identity> read(const std::string &file, const std::string &text)
{
    const auto json = base::parseJson(text);
    if (!json || !json->is_object())
        return base::corrupt(file + ": cannot be read as JSON", "Bring the file back from a backup.");
    const auto signing = bytesOf(json->as_object(), "signing", file);
    if (!signing)
        return signing.error();
    const auto exchange = bytesOf(json->as_object(), "exchange", file);
    if (!exchange)
        return exchange.error();
    const auto cursors = bytesOf(json->as_object(), "cursors", file);
    if (!cursors)
        return cursors.error();
    auto key = base::SigningKey::fromSeed(*signing);
    auto pair = base::ExchangePair::fromSecret(*exchange);
    if (!key || !pair)
        return base::corrupt(file + ": holds no keys");
    Identity identity{.signing = std::move(*key), .exchange = *pair, .cursors = {}, .metricsToken = {}};
    std::copy(cursors->begin(), cursors->end(), identity.cursors.begin());
    return identity;
}

Result<Identity> keysIn(const std::string &folder, base::Random &random)
{
    const std::string file = folder + "/server-keys.json";
    std::ifstream in(file);
    if (in) {
        std::stringstream text;
        text << in.rdbuf();
        return read(file, text.str());
    }
    if (errno != ENOENT)
        return trouble(file, "cannot be opened");
    Identity identity{.signing = base::SigningKey::generate(random),
                      .exchange = base::ExchangePair::generate(random),
                      .cursors = {},
                      .metricsToken = {}};
    random.fill(identity.cursors);
    const boost::json::object json{{"signing", base::toHex(identity.signing.seed())},
                                   {"exchange", base::toHex(identity.exchange.secret)},
                                   {"cursors", base::toHex(identity.cursors)}};
    if (const auto written = writeSecret(file, base::toText(json) + "\n"); !written)
        return written.error();
    return identity;
}

} // namespace

Result<Identity> openIdentity(const std::string &folder, base::Random &random)
{
    auto identity = keysIn(folder, random);
    if (!identity)
        return identity;
    identity->metricsToken = base::toHex(base::sha256({base::bytesOf("metrics"), identity->signing.seed()}));
    if (const auto written = writeSecret(folder + "/metrics-token", identity->metricsToken + "\n"); !written)
        return written.error();
    return identity;
}

async::Task<Result<void>> claimDatabase(work::Database &database, const Identity &identity, Options::Keys keys)
{
    const base::Digest own = base::sha256({base::bytesOf("server keys"), base::ByteView(identity.signing.publicKey())});
    const auto params = pg::Params::of(base::ByteView(own), keys == Options::Keys::New);
    const auto rows = co_await database.read(work::kPlatform, kClaim, params);
    if (!rows)
        co_return rows.error();
    const auto known = rows->front().get<base::Bytes>(0);
    if (std::equal(known.begin(), known.end(), own.begin(), own.end()))
        co_return Result<void>();
    co_return base::Error{base::ErrorCode::Conflict, "server-keys.json: the database is of a server with other keys",
                          "Copy server-keys.json of that server into this folder. If it is lost, start once with "
                          "--new-keys: devices then have to be paired again."};
}

async::Task<Result<void>> checkCounter(work::Database &database)
{
    const auto rows = co_await database.read(work::kPlatform, kIsBehind, {});
    if (!rows)
        co_return rows.error();
    if (!rows->front().get<bool>(0))
        co_return Result<void>();
    const auto written = static_cast<std::uint64_t>(rows->front().get<std::int64_t>(1));
    // Of a place where a file of PostgreSQL's commit log begins, which it then makes itself.
    constexpr std::uint64_t kFile = 1 << 20;
    const std::uint64_t next = (written / kFile + 2) * kFile;
    co_return base::Error{base::ErrorCode::Conflict,
                          "the database was read from a dump: its PostgreSQL counts transactions from before number " +
                              std::to_string(written) + ", which is written in it",
                          "Stop this PostgreSQL and say: pg_resetwal -e " + std::to_string(next >> 32) + " -x " +
                              std::to_string(next & 0xffffffff) + " FOLDER. See \"Backup\" in docs/runbook-server.md."};
}

} // namespace voelgoed::app

// A read by somebody who signed in, beside nginx serving a file of the same size.
#include "server/platform/secrets/token.h"
#include "shared/base/crypto/system_random.h"
#include "tests/bench/load_client.h"
#include "tests/bench/nginx.h"
#include "tests/bench/server/stage.h"

#include <algorithm>
#include <span>

namespace voelgoed::bench {

namespace {

constexpr int kRounds = 3;
/// One person may ask 200 times at once, and 1,000 times a minute: each round has its own, who ask 150 times each.
constexpr std::size_t kPersons = 240;
constexpr std::size_t kPersonsOfRound = kPersons / (2 * kRounds);
constexpr std::uint64_t kAnswers = kPersonsOfRound * 150;

/// People of the organization who have signed in, and nothing but that: their tokens.
std::vector<std::string> signIn(const Organization &organization)
{
    base::SystemRandom random;
    std::vector<std::string> tokens;
    std::string hashes;
    for (std::size_t i = 0; i < kPersons; ++i) {
        const secrets::Token token = secrets::newToken(secrets::TokenKind::Session, random);
        hashes += (i == 0 ? "'" : ", '") + base::toHex(token.hash) + "'";
        tokens.push_back(token.text);
    }
    organization.desk->execute("WITH people AS (SELECT gen_random_uuid() AS id, n, hash FROM unnest(ARRAY[" + hashes +
                               "]) WITH ORDINALITY AS t (hash, n)), "
                               "u AS (INSERT INTO tenancy.users (id, email, status) SELECT id, 'p' || n || "
                               "'@example.org', 'active' FROM people "
                               "RETURNING 1) SELECT count(*) FROM u");
    organization.desk->execute("INSERT INTO tenancy.memberships (organization_id, user_id, role) SELECT '" +
                               organization.id +
                               "', id, 'viewer' FROM tenancy.users WHERE email LIKE 'p%@example.org'");
    organization.desk->execute(
        "INSERT INTO tenancy.sessions (token_hash, id, user_id, organization_id, expires_at) "
        "SELECT decode(hash, 'hex'), gen_random_uuid(), u.id, '" +
        organization.id + "', now() + interval '1 hour' FROM unnest(ARRAY[" + hashes +
        "]) WITH ORDINALITY AS t (hash, n) JOIN tenancy.users u ON u.email = 'p' || n || '@example.org'");
    return tokens;
}

Figure compare(const Stage &stage, const Nginx &nginx, std::span<const std::string> requests, int connections)
{
    Figure figure{.name = "a read by somebody signed in, " + std::to_string(connections) + " connections",
                  .unit = "/s",
                  .goal = 0.5,
                  .note = "GET of an event; baseline: nginx with one worker, a file of that size",
                  .better = Figure::Better::More};
    Load ours{.port = stage.port(),
              .requests = {},
              .connections = connections,
              .within = std::chrono::seconds(20),
              .answersMax = kAnswers};
    Load theirs{.port = nginx.port(),
                .requests = {"GET /answer HTTP/1.1\r\nHost: bench\r\n\r\n"},
                .connections = connections,
                .within = std::chrono::milliseconds(500)};
    for (int round = 0; round < kRounds; ++round) {
        const auto persons = requests.subspan(static_cast<std::size_t>(round) * kPersonsOfRound, kPersonsOfRound);
        ours.requests.assign(persons.begin(), persons.end());
        const auto own = answersPerSecond(ours);
        const auto other = answersPerSecond(theirs);
        if (!own || !other)
            return failure(figure.name, own ? other.error().message : own.error().message);
        figure.value = std::max(figure.value, *own);
        figure.baseline = std::max(figure.baseline, *other);
    }
    return figure;
}

} // namespace

std::vector<Figure> measureReads(const BenchSettings &settings)
{
    Stage stage(settings);
    const Organization &organization = stage.organization();
    const std::string path = "/v1/events/" + stage.createEvent(organization);
    const auto answer = stage.http().get(path, organization.token);
    base::ensure(answer.status == 200, answer.body.c_str());
    const Nginx nginx(stage.folder(), answer.body);
    if (!nginx.isReady())
        return {failure("a read by somebody signed in", "nginx does not start")};
    std::vector<std::string> requests;
    for (const std::string &token : signIn(organization))
        requests.push_back("GET " + path + " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + token + "\r\n\r\n");
    const std::span<const std::string> all(requests);
    return {compare(stage, nginx, all.first(kPersons / 2), 16), compare(stage, nginx, all.last(kPersons / 2), 64)};
}

} // namespace voelgoed::bench

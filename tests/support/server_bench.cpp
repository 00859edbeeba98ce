#include "tests/support/server_bench.h"

#include "server/platform/http/target.h"
#include "server/platform/work/migrations.h"
#include "tests/support/event_check.h"
#include "tests/support/run_task.h"

#include <charconv>

namespace voelgoed::test {

using base::ensure;

namespace {

constexpr const char *kWho = "Test-Actor";

/// Believes a field that names one of the actors of a call.
class TestAuthenticator final : public actions::Authenticator
{
public:
    std::string add(access::Actor actor)
    {
        m_actors.push_back(std::move(actor));
        return std::to_string(m_actors.size() - 1);
    }

    bool isMeant(const http::Request &head) const override { return head.fields.has(kWho); }
    async::Task<base::Result<std::optional<access::Actor>>> authenticate(const http::Request &request) override
    {
        const std::string_view text = request.fields[kWho];
        std::size_t index = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), index);
        if (text.empty() || read.ec != std::errc() || m_actors.at(index).kind == access::ActorKind::Nobody)
            co_return std::optional<access::Actor>();
        co_return std::optional(m_actors.at(index));
    }

private:
    std::vector<access::Actor> m_actors;
};

base::Uuid uuidOf(unsigned char kind, unsigned char number)
{
    base::Uuid uuid{};
    uuid[0] = std::byte{0x7e};
    uuid[6] = std::byte{0x70};
    uuid[8] = std::byte{0x80};
    uuid[14] = std::byte{kind};
    uuid[15] = std::byte{number};
    return uuid;
}

template <class T>
T must(base::Result<T> result)
{
    if (!result)
        ensure(false, result.error().message.c_str());
    return *std::move(result);
}

} // namespace

struct ServerBench::World
{
    Options options; ///< of each server
    explicit World(Postgres &given) : postgres(given), name(given.freshDatabase()) {}

    Postgres &postgres;
    std::string name;
    boost::asio::io_context context;
    support::HandClock clock;
    base::SeededRandom random{1};
};

struct ServerBench::Node
{
    Node(World &world, const Options &options)
        : workers(1),
          pool(world.context.get_executor(),
               {.url = world.postgres.url("vg_app", world.name), .connections = options.connections, .provedEvery = 1}),
          redis(world.context.get_executor(), {.url = options.redis}),
          database({.pool = pool, .clock = world.clock, .random = world.random, .wakeRelay = {}, .wakeJobs = {}}),
          routines(
              {.executor = world.context.get_executor(), .database = database, .clock = world.clock, .failed = {}}),
          dispatcher({.registry = registry,
                      .database = database,
                      .aside = database,
                      .clock = world.clock,
                      .random = world.random,
                      .throttle = nullptr,
                      .report = {},
                      .serveSocket = {},
                      .callsMax = options.callsMax}),
          limiter(redis, world.clock),
          topics(
              {.executor = world.context.get_executor(), .redis = redis, .clock = world.clock, .random = world.random}),
          cron({.executor = world.context.get_executor(),
                .database = database,
                .registry = jobs,
                .clock = world.clock,
                .failed = {}}),
          identity(base::SigningKey::generate(world.random)),
          seal(base::ExchangePair::generate(world.random)),
          kernel{.executor = world.context.get_executor(),
                 .workers = workers,
                 .database = database,
                 .aside = database,
                 .lists = database,
                 .behind = database,
                 .redis = redis,
                 .keys = keys,
                 .limiter = limiter,
                 .actions = registry,
                 .dispatcher = dispatcher,
                 .metrics = metrics,
                 .log = log::Log::silent(),
                 .clock = world.clock,
                 .random = world.random,
                 .identity = identity,
                 .seal = seal,
                 .cursorKey = cursorKey,
                 .routines = routines,
                 .dataFolder = folder.path(),
                 .publicUrl = "https://gate.test",
                 .topics = topics,
                 .consumers = consumers,
                 .jobs = jobs,
                 .cron = cron,
                 .eventTypes = eventTypes}
    {
        dispatcher.addAuthenticator(authenticator);
        topics.watch([this](const topics::Published &told) { checkEvent(eventTypes, told.event); });
    }

    async::Workers workers;
    pg::Pool pool;
    redis::Client redis;
    work::Database database;
    work::Routines routines;
    actions::Registry registry;
    TestAuthenticator authenticator;
    actions::Dispatcher dispatcher;
    redis::KeyRegistry keys;
    limits::Limiter limiter;
    metrics::Registry metrics;
    topics::Topics topics;
    outbox::Consumers consumers;
    jobs::Registry jobs;
    jobs::Cron cron;
    work::EventTypes eventTypes;
    base::SigningKey identity;
    base::ExchangePair seal;
    base::Digest cursorKey{};
    Folder folder;
    platform::Kernel kernel;
    std::vector<std::unique_ptr<platform::Slice>> slices;
};

ServerBench::ServerBench(Postgres &postgres, std::vector<MakeSlice> slices)
    : ServerBench(postgres, std::move(slices), Options{})
{}

ServerBench::ServerBench(Postgres &postgres, std::vector<MakeSlice> slices, Options options)
    : m_world(std::make_shared<World>(postgres))
{
    m_world->options = options;
    makeNode(std::move(slices), std::move(options));
}

ServerBench::ServerBench(ServerBench &beside, std::vector<MakeSlice> slices) : m_world(beside.m_world)
{
    makeNode(std::move(slices), m_world->options);
}

ServerBench::~ServerBench()
{
    const auto &world = *m_world;
    // Some tests end with a Postgres that they have killed, or with a database that was spoiled.
    if (!m_node || !world.postgres.attempt("SELECT FROM platform.outbox", world.name).empty())
        return;
    for (const base::Json &row : rowsOf("SELECT event::text AS event FROM platform.outbox"))
        checkEvent(m_node->eventTypes, std::string_view(row.at("event").as_string()));
}

void ServerBench::makeNode(std::vector<MakeSlice> slices, Options options)
{
    m_node = std::make_unique<Node>(*m_world, options);
    std::vector<pg::Migration> migrations = pg::migrations();
    const auto add = [&](std::vector<pg::Migration> more) {
        migrations.insert(migrations.end(), more.begin(), more.end());
    };
    add(work::migrations());
    for (const MakeSlice &make : slices) {
        m_node->slices.push_back(make(m_node->kernel));
        add(m_node->slices.back()->migrations());
    }
    must(run(pg::migrate(m_world->postgres.url("vg_owner", m_world->name), std::move(migrations))));
    for (const auto &slice : m_node->slices) {
        const auto started = run(slice->start());
        ensure(bool(started), started ? "" : started.error().message.c_str());
    }
}

Reply ServerBench::call(Ask ask)
{
    return std::move(callAll({std::move(ask)}).front());
}

std::vector<Reply> ServerBench::callAll(std::vector<Ask> asks)
{
    const auto one = [](Node &node, Ask *ask, Reply *reply) -> async::Task<void> {
        auto target = http::parseTarget(ask->target, "gate.test");
        ensure(target.index() == 0, ("a test asks for a bad target: " + ask->target).c_str());
        auto &parts = std::get<http::Target>(target);
        http::Request request{.method = ask->method,
                              .path = std::move(parts.path),
                              .segments = std::move(parts.segments),
                              .query = std::move(parts.query),
                              .target = ask->target,
                              .fields = {},
                              .body = {},
                              .rawBody = {},
                              .peer = ask->peer,
                              .secure = true,
                              .admin = false,
                              .receivedAt = node.kernel.clock.now().wall};
        request.fields.set(kWho, node.authenticator.add(ask->actor));
        if (ask->actor.kind == access::ActorKind::SuperAdmin)
            request.fields.set("Voelgoed-Reason", ask->actor.reason);
        if (const auto *text = ask->body.if_string())
            request.body = std::string(*text);
        else if (!ask->body.is_null())
            request.body = base::toText(ask->body);
        request.fields.set("Content-Type", "application/json");
        for (auto &[name, value] : ask->fields)
            request.fields.set(name, value);
        http::Admission admission = node.dispatcher.admit(request);
        http::Response response;
        if (admission.refuse)
            response = std::move(*admission.refuse);
        else if (request.body.size() > admission.bodyMax)
            response.status = 413;
        else
            response = (co_await node.dispatcher.handle(std::move(request))).response;
        reply->status = response.status;
        if (auto json = base::parseJson(response.body, {.depth = 512}))
            reply->json = std::move(*json);
        reply->body = std::move(response.body);
        reply->fields = std::move(response.fields);
    };
    std::vector<Reply> replies(asks.size());
    std::size_t left = asks.size();
    for (std::size_t i = 0; i < asks.size(); ++i) {
        boost::asio::co_spawn(m_world->context, one(*m_node, &asks[i], &replies[i]),
                              [&left](const std::exception_ptr &thrown) {
                                  ensure(!thrown, "an action threw");
                                  --left;
                              });
    }
    m_world->context.restart();
    while (left > 0)
        ensure(m_world->context.run_one() > 0, "a call that nothing will ever wake");
    return replies;
}

std::optional<base::Error> ServerBench::runRoutine(std::string_view name)
{
    const auto done = run(m_node->routines.runNow(std::string(name)));
    return done ? std::nullopt : std::optional(done.error());
}

void ServerBench::run(async::Task<void> task)
{
    runTask(m_world->context, std::move(task));
}

support::HandClock &ServerBench::clock()
{
    return m_world->clock;
}

platform::Kernel &ServerBench::kernel()
{
    return m_node->kernel;
}

work::Database &ServerBench::database()
{
    return m_node->database;
}

const std::string &ServerBench::databaseName() const
{
    return m_world->name;
}

std::string ServerBench::execute(const std::string &sql) const
{
    return m_world->postgres.execute(sql, m_world->name);
}

std::string ServerBench::attempt(const base::Uuid &organization, const std::string &sql) const
{
    return m_world->postgres.attempt("SET ROLE vg_app; SET app.org_id = '" + base::toText(organization) + "'; " + sql,
                                     m_world->name);
}

std::vector<base::Json> ServerBench::rowsOf(const std::string &select) const
{
    const auto json = base::parseJson(execute("SELECT coalesce(json_agg(r), '[]') FROM (" + select + ") AS r"));
    ensure(bool(json), "rows as JSON");
    return {json->as_array().begin(), json->as_array().end()};
}

std::vector<base::Json> ServerBench::events(const base::Uuid &organization) const
{
    return rowsOf("SELECT topic, event FROM platform.outbox WHERE organization_id = '" + base::toText(organization) +
                  "' ORDER BY xid, id");
}

std::vector<base::Json> ServerBench::audits(const base::Uuid &organization) const
{
    return rowsOf("SELECT * FROM audit.log WHERE organization_id = '" + base::toText(organization) +
                  "' ORDER BY xid, id");
}

std::string Reply::code() const
{
    return text("code");
}

std::string Reply::text(std::string_view field) const
{
    const auto *object = json.if_object();
    const auto *value = object ? object->if_contains(field) : nullptr;
    return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::string Reply::pointer() const
{
    const auto *object = json.if_object();
    const auto *errors = object ? object->if_contains("errors") : nullptr;
    if (!errors || !errors->is_array() || errors->as_array().empty())
        return {};
    return std::string(errors->as_array().front().at("pointer").as_string());
}

base::Uuid tenant(unsigned char number)
{
    return uuidOf(1, number);
}

access::Actor member(const base::Uuid &organization, access::Role role)
{
    access::Actor actor;
    actor.kind = access::ActorKind::User;
    actor.id = uuidOf(2, static_cast<unsigned char>(role));
    actor.organization = organization;
    actor.role = role;
    actor.name = "Test " + std::string(access::word(role));
    return actor;
}

access::Actor superAdmin(const base::Uuid &organization, std::string reason)
{
    access::Actor actor;
    actor.kind = access::ActorKind::SuperAdmin;
    actor.id = uuidOf(3, 1);
    actor.organization = organization;
    actor.name = "Test super admin";
    actor.reason = std::move(reason);
    return actor;
}

access::Actor deviceAt(const base::Uuid &organization, std::string event, std::string gate)
{
    access::Actor actor;
    actor.kind = access::ActorKind::Device;
    actor.id = uuidOf(4, 1);
    actor.organization = organization;
    actor.name = "Test device";
    actor.device = access::DevicePost{.event = std::move(event), .gate = std::move(gate), .checkpoint = {}};
    return actor;
}

} // namespace voelgoed::test

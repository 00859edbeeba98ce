#pragma once

#include "server/platform/actions/dispatcher.h"
#include "server/platform/async/workers.h"
#include "server/platform/jobs/cron.h"
#include "server/platform/limits/limiter.h"
#include "server/platform/log/log.h"
#include "server/platform/metrics/metrics.h"
#include "server/platform/outbox/consumers.h"
#include "server/platform/redis/client.h"
#include "server/platform/redis/keys.h"
#include "server/platform/topics/topics.h"
#include "server/platform/work/event_types.h"
#include "server/platform/work/routines.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/base/crypto/sealed.h"

#include <string>

namespace voelgoed::platform {

/// What a slice is handed: everything it may reach the world through. Made by main, passed on, outlives the slices.
struct Kernel
{
    async::Executor executor;
    async::Workers &workers;
    work::Database &database;
    work::Database &aside;  ///< the same over connections of its own: for what holds one for long
    work::Database &lists;  ///< likewise: for gates' first downloads, which wait for no people
    work::Database &behind; ///< likewise: for what nobody waits for
    redis::Client &redis;
    redis::KeyRegistry &keys; ///< to be filled while slices are made
    limits::Limiter &limiter;
    actions::Registry &actions;
    actions::Dispatcher &dispatcher;
    metrics::Registry &metrics;
    log::Log log; ///< of() for a slice's own lines
    base::Clock &clock;
    base::Random &random;
    const base::SigningKey &identity; ///< the server's own key: what devices pin, and what signs lists and times
    const base::ExchangePair &seal;   ///< what devices seal what they read to
    const base::Digest &cursorKey;    ///< under which cursors are sealed
    work::Routines &routines;         ///< to be filled while slices are made, as are the four below
    std::string dataFolder;           ///< for files that can be made again
    std::string publicUrl;            ///< how devices and people reach this server
    topics::Topics &topics;           ///< what is told to who listens: families, snapshots, presence
    outbox::Consumers &consumers;     ///< what other slices' events mean here
    jobs::Registry &jobs;             ///< queues and kinds of work for later
    jobs::Cron &cron;                 ///< jobs by the clock
    work::EventTypes &eventTypes;     ///< what is told, and what it holds: filled while slices are made
    bool isStopping = false;          ///< whoever makes a caller wait for news lets him go
};

} // namespace voelgoed::platform

#pragma once

#include "server/platform/async/event.h"
#include "server/platform/jobs/registry.h"
#include "server/platform/outbox/consumers.h"
#include "server/platform/outbox/reader.h"
#include "server/platform/work/leadership.h"

#include <memory>

namespace voelgoed::outbox {

/// Hands one event to one consumer, in one transaction with the note that it has it. Done already: nothing happens.
async::Task<base::Result<void>> deliver(work::Database &database, const Consumer &consumer, Delivered event);

/// The kind of job that a failed delivery becomes, in a queue of its own.
void addDeliveryJob(jobs::Registry &jobs, const Consumers &consumers);

/// Brings events to their consumers while this server leads: each consumer by a loop of its own.
class Deliveries
{
public:
    struct Parts
    {
        async::Executor executor;
        work::Database &database;
        const Consumers &consumers;
        const jobs::Registry &jobs;
        const work::Leadership &leadership;
        std::function<void(const std::string &what, const base::Error &error)> trouble{};
    };
    explicit Deliveries(Parts parts);
    ~Deliveries();

    Deliveries(const Deliveries &) = delete;
    Deliveries &operator=(const Deliveries &) = delete;

    void start();
    /// This server has begun to lead: all consumers look where they are.
    void wakeAll();
    /// Events of this type were read.
    void wakeFor(std::string_view type);
    /// No delivery is begun any more; returns when none is on its way.
    async::Task<void> stop();

private:
    struct State;
    std::shared_ptr<State> m_state;
};

} // namespace voelgoed::outbox

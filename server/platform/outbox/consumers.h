#pragma once

#include "server/platform/work/unit_of_work.h"

#include <deque>

namespace voelgoed::outbox {

/// An event as it comes to a consumer.
struct Delivered
{
    base::Uuid id{};
    base::Uuid organization{};
    std::string topic, type, subject;
    base::Instant at;
    base::Json data;
    std::string requestId;
    work::Trace trace{}; ///< that what follows from it goes on
};
/// Corrupt when it is no envelope.
base::Result<Delivered> deliveredFrom(std::string topic, std::string_view event);

/// What another slice's event means here, in a transaction of the event's organization, as the system. Once: it commits
/// together with the note that it was done. May be run again after a failure, so it has no effect outside.
using Consume = std::function<async::Task<base::Result<void>>(work::UnitOfWork &unit, Delivered event)>;

struct Consumer
{
    std::string name; ///< "ticketing.follow_status"; keeps its place in the outbox, so it never changes
    std::vector<std::string> types;
    Consume consume;

    std::string reader() const { return "consumer:" + name; }
    bool wants(std::string_view type) const;
};

/// Who follows which events. Filled while slices are made. Each consumer reads the outbox by itself, at its own pace:
/// one that is slow holds up nobody else. What fails becomes a job, which tries again and stays visible when it gives
/// up, and the consumer goes on: events reach a consumer in order, but for those that failed.
class Consumers
{
public:
    /// `types`: one type ("events.status_changed.v1"), or what several begin with ("events.").
    void on(const char *types, std::string name, Consume consume);
    void on(std::vector<std::string> types, std::string name, Consume consume);

    const std::deque<Consumer> &all() const { return m_consumers; }
    const Consumer *byName(std::string_view name) const;

private:
    std::deque<Consumer> m_consumers;
};

} // namespace voelgoed::outbox

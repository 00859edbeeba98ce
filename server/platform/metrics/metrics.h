#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::metrics {

/// Which steps a histogram counts in, in seconds.
enum class Buckets {
    None, ///< no histogram
    Http, ///< 5 ms to 10 s
    Db,   ///< 1 ms to 10 s
    Fast, ///< 10 µs to 1 s: work without a network between
    Lag   ///< 100 ms to 8 h: what waits until it can be sent
};

/// Metrics of one name, as the folder that counts declares them: a constant with static storage.
///
///     constexpr metrics::Family kHolds{"vg_holds_total", "Seats asked for", metrics::Kind::Counter, {"result"}};
///
/// Names as Prometheus and OpenTelemetry have them: `_total` for counters, `_seconds` for times. Labels are closed
/// choices: never an organization's, an event's or a person's id, and a value that is a UUID is counted under "other".
enum class Kind { Counter, Gauge, Histogram };

struct Family
{
    static constexpr std::size_t kLabelsMax = 4;

    const char *name;
    const char *help;
    Kind kind;
    std::array<const char *, kLabelsMax> labels{};
    Buckets buckets = Buckets::None;
    std::size_t seriesMax = 200; ///< more different label values than that are counted under "other"
};

class Registry;

/// One line of the exposition. Cheap to copy and to use: keep it where it is used. Must not outlive its registry. Any
/// thread.
class Counter
{
public:
    void add(double amount = 1) const; ///< not negative

private:
    friend class Registry;
    explicit Counter(void *series) : m_series(series) {}
    void *m_series;
};

class Gauge
{
public:
    void set(double value) const;
    void add(double amount) const;

private:
    friend class Registry;
    explicit Gauge(void *series) : m_series(series) {}
    void *m_series;
};

class Histogram
{
public:
    void observe(double seconds) const;

private:
    friend class Registry;
    explicit Histogram(void *series) : m_series(series) {}
    void *m_series;
};

/// All that the program counts, as Prometheus reads it. Any thread.
class Registry
{
public:
    Registry();
    ~Registry();

    Registry(const Registry &) = delete;
    Registry &operator=(const Registry &) = delete;

    /// Values for the family's labels, in their order. The same values give the same series. Asking for another kind
    /// than the family's, or with another number of values, is a bug.
    Counter counter(const Family &family, std::initializer_list<std::string_view> labels = {});
    Gauge gauge(const Family &family, std::initializer_list<std::string_view> labels = {});
    Histogram histogram(const Family &family, std::initializer_list<std::string_view> labels = {});

    /// The families that were asked for, in order of their names.
    std::vector<const Family *> families() const;

    /// Called before each text(): to set gauges from what others know (how many wait, how many are open).
    void beforeText(std::function<void()> refresh);

    /// The text exposition format, version 0.0.4.
    std::string text();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace voelgoed::metrics

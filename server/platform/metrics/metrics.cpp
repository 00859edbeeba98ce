#include "server/platform/metrics/metrics.h"

#include "shared/base/ensure.h"
#include "shared/base/text.h"
#include "shared/base/uuid.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <sstream>

namespace voelgoed::metrics {

using base::ensure;

namespace {

constexpr std::string_view kOther = "other";
constexpr std::size_t kValueMax = 100;

using Bounds = prometheus::Histogram::BucketBoundaries;

Bounds boundsOf(Buckets buckets)
{
    switch (buckets) {
    case Buckets::None:
        break;
    case Buckets::Http:
        return {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};
    case Buckets::Db:
        return {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};
    case Buckets::Fast:
        return {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 1};
    case Buckets::Lag:
        return {0.1, 0.25, 0.5, 1, 5, 30, 60, 300, 900, 3'600, 28'800};
    }
    return {};
}

bool isName(std::string_view name)
{
    return !name.empty() && name[0] >= 'a' && name[0] <= 'z' && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::size_t labelsOf(const Family &family)
{
    const auto end = std::find(family.labels.begin(), family.labels.end(), nullptr);
    return static_cast<std::size_t>(end - family.labels.begin());
}

void check(const Family &family)
{
    const std::string_view name = family.name;
    ensure(isName(name), "a metric's name");
    ensure((family.kind == Kind::Counter) == name.ends_with("_total"), "counters end in _total, and nothing else");
    ensure((family.kind == Kind::Histogram) == (family.buckets != Buckets::None), "histograms have buckets");
    ensure(family.kind != Kind::Histogram || name.ends_with("_seconds"), "histograms are of seconds");
    for (std::size_t i = 0; i < labelsOf(family); ++i)
        ensure(isName(family.labels[i]), "a label's name");
}

bool isSame(const Family &one, const Family &other)
{
    if (labelsOf(one) != labelsOf(other) || one.kind != other.kind || one.buckets != other.buckets)
        return false;
    for (std::size_t i = 0; i < labelsOf(one); ++i) {
        if (std::string_view(one.labels[i]) != other.labels[i])
            return false;
    }
    return true;
}

/// A value as it is shown: tame, short, and never an identity.
std::string shown(std::string_view value)
{
    if (base::uuidFrom(value))
        return std::string(kOther);
    return base::printable(value, kValueMax);
}

} // namespace

struct Registry::State
{
    /// One family and its series.
    struct Known
    {
        const Family *family;
        void *made; ///< a prometheus::Family of the kind
        std::map<std::vector<std::string>, void *> series;
    };

    prometheus::Registry registry;
    std::map<std::string_view, Known> known;
    std::vector<std::function<void()>> refreshes;
    mutable std::mutex mutex;

    template <class Metric, class... Arguments>
    void *series(const Family &family, Kind kind, std::initializer_list<std::string_view> labels,
                 void *(*make)(State &, const Family &), const Arguments &...arguments)
    {
        ensure(family.kind == kind && labels.size() == labelsOf(family), "a metric of another kind, or other labels");
        std::vector<std::string> values;
        for (const std::string_view value : labels)
            values.push_back(shown(value));
        const std::lock_guard lock(mutex);
        auto found = known.find(family.name);
        if (found == known.end()) {
            check(family);
            found = known.emplace(family.name, Known{&family, make(*this, family), {}}).first;
        }
        Known &entry = found->second;
        ensure(isSame(*entry.family, family), "two metrics of one name");
        if (!entry.series.contains(values) && entry.series.size() >= family.seriesMax)
            values.assign(values.size(), std::string(kOther));
        void *&one = entry.series[values];
        if (!one) {
            prometheus::Labels pairs;
            for (std::size_t i = 0; i < values.size(); ++i)
                pairs.emplace(family.labels[i], values[i]);
            one = &static_cast<prometheus::Family<Metric> *>(entry.made)->Add(pairs, arguments...);
        }
        return one;
    }
};

void Counter::add(double amount) const
{
    static_cast<prometheus::Counter *>(m_series)->Increment(amount);
}

void Gauge::set(double value) const
{
    static_cast<prometheus::Gauge *>(m_series)->Set(value);
}

void Gauge::add(double amount) const
{
    static_cast<prometheus::Gauge *>(m_series)->Increment(amount);
}

void Histogram::observe(double seconds) const
{
    static_cast<prometheus::Histogram *>(m_series)->Observe(seconds);
}

Registry::Registry() : m_state(std::make_unique<State>()) {}
Registry::~Registry() = default;

Counter Registry::counter(const Family &family, std::initializer_list<std::string_view> labels)
{
    return Counter(m_state->series<prometheus::Counter>(
        family, Kind::Counter, labels, [](State &state, const Family &made) -> void * {
            return &prometheus::BuildCounter().Name(made.name).Help(made.help).Register(state.registry);
        }));
}

Gauge Registry::gauge(const Family &family, std::initializer_list<std::string_view> labels)
{
    return Gauge(
        m_state->series<prometheus::Gauge>(family, Kind::Gauge, labels, [](State &state, const Family &made) -> void * {
            return &prometheus::BuildGauge().Name(made.name).Help(made.help).Register(state.registry);
        }));
}

Histogram Registry::histogram(const Family &family, std::initializer_list<std::string_view> labels)
{
    return Histogram(m_state->series<prometheus::Histogram>(
        family, Kind::Histogram, labels,
        [](State &state, const Family &made) -> void * {
            return &prometheus::BuildHistogram().Name(made.name).Help(made.help).Register(state.registry);
        },
        boundsOf(family.buckets)));
}

std::vector<const Family *> Registry::families() const
{
    const std::lock_guard lock(m_state->mutex);
    std::vector<const Family *> families;
    for (const auto &[name, entry] : m_state->known)
        families.push_back(entry.family);
    return families;
}

void Registry::beforeText(std::function<void()> refresh)
{
    const std::lock_guard lock(m_state->mutex);
    m_state->refreshes.push_back(std::move(refresh));
}

std::string Registry::text()
{
    std::vector<std::function<void()>> refreshes;
    {
        const std::lock_guard lock(m_state->mutex);
        refreshes = m_state->refreshes;
    }
    for (const auto &refresh : refreshes)
        refresh();
    auto collected = m_state->registry.Collect();
    std::sort(collected.begin(), collected.end(), [](const auto &a, const auto &b) { return a.name < b.name; });
    std::ostringstream out;
    out.imbue(std::locale::classic());
    prometheus::TextSerializer().Serialize(out, collected);
    return out.str();
}

} // namespace voelgoed::metrics

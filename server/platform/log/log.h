#pragma once

#include "shared/base/clock.h"
#include "shared/base/error.h"

#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace voelgoed::log {

enum class Level { Debug, Info, Warning, Error };

/// "debug", "info", "warning", "error".
std::string_view wordOf(Level level);

/// One thing that a line says beside its message: `{"event", id}`, `{"rows", 500}`, `{"cached", true}`.
struct Fact
{
    using Value = std::variant<std::string, std::int64_t, double, bool>;

    std::string key; ///< snake_case
    Value value;

    Fact(std::string_view k, std::string_view text) : key(k), value(std::string(text)) {}
    Fact(std::string_view k, const char *text) : Fact(k, std::string_view(text)) {}
    Fact(std::string_view k, const std::string &text) : Fact(k, std::string_view(text)) {}
    template <std::same_as<bool> Truth>
    Fact(std::string_view k, Truth truth) : key(k), value(bool(truth))
    {}
    template <std::integral Number>
        requires(!std::same_as<Number, bool>)
    Fact(std::string_view k, Number number) : key(k), value(static_cast<std::int64_t>(number))
    {}
    template <std::floating_point Number>
    Fact(std::string_view k, Number number) : key(k), value(static_cast<double>(number))
    {}
    Fact(std::string_view k, base::Milliseconds span) : Fact(k, span.count()) {}
};

/// A line, redacted already: what a sink gets.
struct Entry
{
    base::Instant at;
    Level level = Level::Info;
    std::string category; ///< the folder that speaks: "pg", "redis", "scanning"
    std::string message;
    std::vector<Fact> facts;
};

/// Where lines go. Any thread.
class Sink
{
public:
    virtual ~Sink() = default;

    virtual void write(const Entry &entry) noexcept = 0;
};

struct Options
{
    Level from = Level::Info;
    /// Lines of one category, level and message: so many in each `repeatPeriod`. The next one after that says how many
    /// were left out (`left_out`).
    std::uint32_t repeatMax = 20;
    base::Milliseconds repeatPeriod{10'000};
};

/// Speaks for one category. A value: copies are cheap and share their sink. Masks secrets and people's data (see
/// redact.h), never throws, and drops a line rather than fail. Any thread.
class Log
{
public:
    /// `sink` and `clock` outlive it and its copies.
    Log(Sink &sink, base::Clock &clock, Options options = {});
    /// Says nothing, to nobody.
    static Log silent();

    /// The same for another category, or with facts that each line has from now on (the request's id).
    Log of(std::string_view category) const;
    Log with(std::initializer_list<Fact> facts) const;

    void debug(std::string_view message, std::initializer_list<Fact> facts = {}) const noexcept;
    void info(std::string_view message, std::initializer_list<Fact> facts = {}) const noexcept;
    void warning(std::string_view message, std::initializer_list<Fact> facts = {}) const noexcept;
    void error(std::string_view message, std::initializer_list<Fact> facts = {}) const noexcept;
    /// With the failure's code and message as facts.
    void failure(std::string_view message, const base::Error &error,
                 std::initializer_list<Fact> facts = {}) const noexcept;

    bool speaks(Level level) const;

private:
    struct Shared;
    Log() = default;
    void say(Level level, std::string_view message, std::initializer_list<Fact> facts,
             const base::Error *error) const noexcept;

    std::shared_ptr<Shared> m_shared;
    std::string m_category = "server";
    std::vector<Fact> m_facts;
};

} // namespace voelgoed::log

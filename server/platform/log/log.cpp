#include "server/platform/log/log.h"

#include "server/platform/log/redact.h"
#include "shared/base/text.h"

#include <mutex>
#include <optional>
#include <unordered_map>

namespace voelgoed::log {

namespace {

constexpr std::size_t kMessageMax = 512;
constexpr std::size_t kFactsMax = 32;
constexpr std::size_t kRemembered = 1'000; // messages are constants: more of them are a mistake, and count together

/// How often one message was written in its period, and left out.
struct Repeated
{
    base::Milliseconds since{};
    std::uint32_t written = 0, left = 0;
};

} // namespace

struct Log::Shared
{
    Sink &sink;
    base::Clock &clock;
    Options options;
    std::mutex mutex;
    std::unordered_map<std::string, Repeated> repeated;

    /// How many were left out before this one; nothing when this one is left out, too.
    std::optional<std::uint32_t> mayWrite(std::string name, base::Milliseconds now)
    {
        const std::lock_guard lock(mutex);
        if (repeated.size() >= kRemembered && !repeated.contains(name)) {
            std::erase_if(repeated, [&](const auto &one) {
                return now - one.second.since >= options.repeatPeriod && one.second.left == 0;
            });
            if (repeated.size() >= kRemembered)
                name.clear();
        }
        Repeated &message = repeated.try_emplace(std::move(name), Repeated{.since = now}).first->second;
        std::uint32_t left = 0;
        if (now - message.since >= options.repeatPeriod) {
            left = message.left;
            message = {.since = now};
        }
        if (message.written >= options.repeatMax) {
            ++message.left;
            return std::nullopt;
        }
        ++message.written;
        return left;
    }
};

std::string_view wordOf(Level level)
{
    switch (level) {
    case Level::Debug:
        return "debug";
    case Level::Info:
        return "info";
    case Level::Warning:
        return "warning";
    case Level::Error:
        return "error";
    }
    return {};
}

Log::Log(Sink &sink, base::Clock &clock, Options options)
    : m_shared(new Shared{.sink = sink, .clock = clock, .options = options, .mutex = {}, .repeated = {}})
{}

Log Log::silent()
{
    return {};
}

Log Log::of(std::string_view category) const
{
    Log log = *this;
    log.m_category = category;
    return log;
}

Log Log::with(std::initializer_list<Fact> facts) const
{
    Log log = *this;
    log.m_facts.insert(log.m_facts.end(), facts.begin(), facts.end());
    return log;
}

bool Log::speaks(Level level) const
{
    return m_shared && level >= m_shared->options.from;
}

void Log::debug(std::string_view message, std::initializer_list<Fact> facts) const noexcept
{
    say(Level::Debug, message, facts, nullptr);
}

void Log::info(std::string_view message, std::initializer_list<Fact> facts) const noexcept
{
    say(Level::Info, message, facts, nullptr);
}

void Log::warning(std::string_view message, std::initializer_list<Fact> facts) const noexcept
{
    say(Level::Warning, message, facts, nullptr);
}

void Log::error(std::string_view message, std::initializer_list<Fact> facts) const noexcept
{
    say(Level::Error, message, facts, nullptr);
}

void Log::failure(std::string_view message, const base::Error &error, std::initializer_list<Fact> facts) const noexcept
{
    say(Level::Error, message, facts, &error);
}

void Log::say(Level level, std::string_view message, std::initializer_list<Fact> facts,
              const base::Error *error) const noexcept
try {
    if (!speaks(level))
        return;
    const base::ClockReading now = m_shared->clock.now();
    const auto left =
        m_shared->mayWrite(m_category + '\n' + std::string(wordOf(level)) + '\n' + std::string(message), now.sinceBoot);
    if (!left)
        return;
    std::vector<Fact> all = m_facts;
    all.insert(all.end(), facts.begin(), facts.end());
    if (error) {
        all.emplace_back("failure", base::codeWord(error->code));
        all.emplace_back("failure_text", error->message);
    }
    if (all.size() > kFactsMax)
        all.resize(kFactsMax, Fact("", ""));
    if (*left > 0)
        all.emplace_back("left_out", *left);
    m_shared->sink.write({.at = now.wall,
                          .level = level,
                          .category = m_category,
                          .message = base::printable(redactedText(message), kMessageMax),
                          .facts = redacted(std::move(all))});
} catch (...) {
    // Memory is short, or a clock broke: what was to be logged is less than what goes on.
}

} // namespace voelgoed::log

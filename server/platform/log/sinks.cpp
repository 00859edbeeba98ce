#include "server/platform/log/sinks.h"

#include "shared/base/json.h"

#include <boost/json/object.hpp>

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace voelgoed::log {

using base::Result;

namespace {

constexpr std::size_t kBehindMax = 8'192;

spdlog::level::level_enum levelOf(Level level)
{
    switch (level) {
    case Level::Debug:
        return spdlog::level::debug;
    case Level::Info:
        return spdlog::level::info;
    case Level::Warning:
        return spdlog::level::warn;
    case Level::Error:
        return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string keyOf(const Fact &fact)
{
    constexpr std::array<std::string_view, 4> kTaken{"at", "level", "category", "message"};
    const bool taken = std::find(kTaken.begin(), kTaken.end(), fact.key) != kTaken.end();
    return taken ? fact.key + "_" : fact.key;
}

base::Json jsonOf(const Fact::Value &value)
{
    const auto *number = std::get_if<double>(&value);
    if (number && !std::isfinite(*number))
        return {};
    return std::visit([](const auto &held) { return base::Json(held); }, value);
}

/// As JSON writes it, but for texts that need no quotes.
std::string shown(const Fact::Value &value)
{
    if (const auto *text = std::get_if<std::string>(&value)) {
        const bool plain = !text->empty() && text->find_first_of(" \"=") == std::string::npos;
        return plain ? *text : base::toText(base::Json(*text));
    }
    return base::toText(jsonOf(value));
}

class SpdSink final : public Sink
{
public:
    SpdSink(SinkOptions::Form form, spdlog::sink_ptr sink, SinkOptions::Writing writing) : m_form(form)
    {
        sink->set_pattern("%v");
        if (writing == SinkOptions::Writing::Behind) {
            m_pool = std::make_shared<spdlog::details::thread_pool>(kBehindMax, 1);
            m_logger = std::make_shared<spdlog::async_logger>("voelgoed", std::move(sink), m_pool,
                                                              spdlog::async_overflow_policy::overrun_oldest);
        } else {
            m_logger = std::make_shared<spdlog::logger>("voelgoed", std::move(sink));
        }
        m_logger->set_level(spdlog::level::trace);
        m_logger->flush_on(spdlog::level::trace);
        // A disk that is full must not print a line of its own for each of ours.
        m_logger->set_error_handler([](const std::string &) {});
    }

    void write(const Entry &entry) noexcept override
    try {
        const std::string line = m_form == SinkOptions::Form::Json ? jsonLine(entry) : readableLine(entry);
        m_logger->log(levelOf(entry.level), spdlog::string_view_t(line));
    } catch (...) {
        // Dropped.
    }

private:
    SinkOptions::Form m_form;
    std::shared_ptr<spdlog::details::thread_pool> m_pool; // before the logger, which it outlives
    std::shared_ptr<spdlog::logger> m_logger;
};

} // namespace

std::string jsonLine(const Entry &entry)
{
    boost::json::object line;
    line["at"] = base::formatInstant(entry.at);
    line["level"] = wordOf(entry.level);
    line["category"] = entry.category;
    line["message"] = entry.message;
    for (const Fact &fact : entry.facts)
        line[keyOf(fact)] = jsonOf(fact.value);
    return base::toText(line);
}

std::string readableLine(const Entry &entry)
{
    constexpr std::size_t kLevelWidth = 8, kCategoryWidth = 11, kTimeAt = 11;
    std::string time = base::formatInstant(entry.at).substr(kTimeAt);
    time.pop_back();
    if (time.find('.') == std::string::npos)
        time += ".000";
    std::string line = time + " " + std::string(wordOf(entry.level));
    line.resize(std::max(line.size() + 1, time.size() + 1 + kLevelWidth), ' ');
    const std::size_t column = line.size();
    line += entry.category;
    line.resize(std::max(line.size() + 1, column + kCategoryWidth), ' ');
    line += entry.message;
    for (const Fact &fact : entry.facts)
        line += "  " + fact.key + "=" + shown(fact.value);
    return line;
}

Result<std::unique_ptr<Sink>> openSink(const SinkOptions &options)
{
    try {
        spdlog::sink_ptr sink;
        if (options.path.empty())
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        else
            sink =
                std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.path, options.fileMax, options.filesMax);
        return std::unique_ptr<Sink>(std::make_unique<SpdSink>(options.form, std::move(sink), options.writing));
    } catch (const spdlog::spdlog_ex &failed) {
        return base::Error{base::ErrorCode::Unavailable, std::string("log: ") + failed.what(),
                           "Make the log's folder writable for the server."};
    }
}

} // namespace voelgoed::log

#pragma once

#include "server/platform/log/log.h"

#include <memory>
#include <string>

namespace voelgoed::log {

/// One line as JSON: {"at":"2026-12-05T11:00:00.250Z","level":"info","category":"pg","message":"…", facts…}. A fact
/// that is named like one of these four gets a `_` behind it.
std::string jsonLine(const Entry &entry);
/// One line for people: "11:00:00.250 info  pg  connected  connections=4".
std::string readableLine(const Entry &entry);

struct SinkOptions
{
    enum class Form { Json, Readable } form = Form::Json;
    enum class Writing {
        Now,   ///< the line is written when the call returns
        Behind ///< by a thread of its own, which drops the oldest of 8,192 lines rather than wait
    } writing = Writing::Now;
    std::string path; ///< empty: standard error
    std::size_t fileMax = std::size_t{64} << 20;
    std::size_t filesMax = 5; ///< older ones are removed
};

/// Lines to standard error or to a file that rotates (spdlog). Unavailable when the file cannot be written.
base::Result<std::unique_ptr<Sink>> openSink(const SinkOptions &options);

} // namespace voelgoed::log

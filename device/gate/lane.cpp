#include "device/gate/lane.h"

#include "device/gate/verdict_text.h"
#include "shared/base/text.h"

#include <poll.h>

#include <algorithm>
#include <ostream>
#include <utility>

namespace voelgoed::gate {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kPicturesMax = 1'000;
constexpr auto kRestAfter = 250ms; ///< without a scan: marks are written down
constexpr auto kMendEvery = 5s;
constexpr std::size_t kMessageMax = 600;

} // namespace

Lane::Lane(const RunOptions &options, OpenGate &gate, Inputs &inputs, const Streams &streams, int wake)
    : m_options(options), m_gate(gate), m_inputs(inputs), m_streams(streams), m_wake(wake)
{}

bool Lane::work(ControlServer &server)
{
    // A line input that is at its end before anything was read is none (a service has /dev/null there), if there is
    // another input to wait for.
    const bool others = !m_inputs.readers.empty() || !m_inputs.pictures.empty();
    if (m_inputs.lines && others) {
        pollfd first{.fd = m_inputs.lines->descriptor(), .events = POLLIN, .revents = 0};
        if (::poll(&first, 1, 0) > 0)
            takeCodes(*m_inputs.lines);
        if (m_inputs.lines->hasEnded() && m_codes.empty())
            m_inputs.lines.reset();
    }
    takePictures();
    for (;;) {
        server.turn();
        if (judgeNext())
            continue; // whoever waits in the queue comes first
        if (m_outputGone)
            return false;
        if (m_stopping || isAtEnd())
            return true;
        readPicture();
        wait(server);
    }
}

bool Lane::isAtEnd() const
{
    if (!m_codes.empty() || !m_pictures.empty() || m_reading)
        return false;
    if (m_inputs.lines)
        return m_inputs.lines->hasEnded();
    return m_inputs.readers.empty() && m_inputs.pictures.empty();
}

void Lane::wait(const ControlServer &server)
{
    std::vector<pollfd> all;
    const auto add = [&](int descriptor, short events) {
        all.push_back({.fd = descriptor, .events = events, .revents = 0});
        return all.size() - 1;
    };
    int timeoutMs = m_unflushed ? static_cast<int>(kRestAfter / 1ms) : static_cast<int>(kMendEvery / 1ms);
    add(m_wake, POLLIN);
    std::vector<std::pair<std::size_t, hal::CodeSource *>> sources;
    const auto listen = [&](hal::CodeSource &source) {
        if (source.hasEnded())
            return;
        sources.emplace_back(add(source.descriptor(), POLLIN), &source);
        if (source.waitMs() >= 0)
            timeoutMs = std::min(timeoutMs, source.waitMs());
    };
    if (m_inputs.lines)
        listen(*m_inputs.lines);
    for (const auto &reader : m_inputs.readers)
        listen(*reader);
    for (const auto &pictures : m_inputs.pictures) {
        add(pictures->descriptor(), POLLIN);
        if (pictures->waitMs() >= 0)
            timeoutMs = std::min(timeoutMs, pictures->waitMs());
    }
    if (m_reading) {
        add(m_inputs.barcodes->descriptor(), POLLIN);
        timeoutMs = std::min(timeoutMs, m_inputs.barcodes->waitMs());
    }
    for (const ControlServer::Waiting &waiting : server.waiting())
        add(waiting.descriptor, waiting.forOutput ? POLLIN | POLLOUT : POLLIN);
    if (server.isBusy())
        timeoutMs = 0;
    ::poll(all.data(), all.size(), timeoutMs);

    if (all[0].revents != 0)
        m_stopping = true;
    for (const auto &[position, source] : sources) {
        if (all[position].revents != 0 || source->waitMs() >= 0)
            takeCodes(*source);
    }
    takePictures();
    if (m_reading)
        takeReading();
    rest();
}

void Lane::takeCodes(hal::CodeSource &source)
{
    auto codes = source.take();
    if (!codes)
        return complain(source.name(), codes.error().message);
    isWell(source.name());
    for (hal::CodeRead &code : *codes)
        m_codes.push_back({.read = std::move(code), .from = source.name()});
}

void Lane::takePictures()
{
    for (const auto &source : m_inputs.pictures) {
        if (m_pictures.size() >= kPicturesMax)
            return;
        auto paths = source->take();
        if (!paths) {
            complain(source->name(), paths.error().message);
            continue;
        }
        isWell(source->name());
        for (std::string &path : *paths)
            m_pictures.push_back({std::move(path), source.get()});
    }
}

bool Lane::judgeNext()
{
    if (m_codes.empty() || m_outputGone)
        return false;
    Waiting next = std::move(m_codes.front());
    m_codes.pop_front();
    const bool test = m_options.purpose == RunOptions::Purpose::Test;
    const scan::Judged judged = m_gate.engine->judge({.read = std::move(next.read), .test = test});
    m_streams.out << (m_options.style == Style::Json ? jsonFor(judged, next.from) : lineFor(judged)) << '\n'
                  << std::flush;
    if (!m_streams.out) {
        m_outputGone = true; // nobody saw it: it stays in doubt
        return false;
    }
    m_gate.engine->shown();
    if (next.source)
        next.source->done(next.from);
    ++m_tally.scans;
    m_tally.admitted += judged.outcome() == domain::Outcome::Admit ? 1 : 0;
    m_lastScan = steady_clock::now();
    m_unflushed = true;
    return true;
}

void Lane::rest()
{
    const auto now = steady_clock::now();
    const bool quiet = m_unflushed && m_codes.empty() && now - m_lastScan >= kRestAfter;
    const bool mend = m_gate.engine->vault().state() != vault::StorageState::Good && now - m_lastMend >= kMendEvery;
    if (!quiet && !mend)
        return;
    m_gate.engine->idle();
    m_unflushed = false;
    m_lastMend = now;
}

void Lane::complain(const std::string &source, const std::string &what)
{
    if (std::exchange(m_complaints[source], what) != what)
        say("warning: " + what);
}

void Lane::isWell(const std::string &source)
{
    if (m_complaints.erase(source) > 0)
        say(source + ": back");
}

/// Messages name files and devices, which may be called anything.
void Lane::say(const std::string &what)
{
    m_streams.err << base::printable(what, kMessageMax) << "\n" << std::flush;
}

void Lane::readPicture()
{
    if (m_reading || m_pictures.empty())
        return;
    if (auto started = m_inputs.barcodes->startFile(m_pictures.front().path); started) {
        m_reading = true;
        return;
    } else {
        say("warning: " + started.error().message);
    }
    m_pictures.front().source->done(m_pictures.front().path);
    m_pictures.pop_front();
}

void Lane::takeReading()
{
    auto reading = m_inputs.barcodes->poll();
    if (!reading)
        return; // not finished
    m_reading = false;
    const PictureToRead picture = std::move(m_pictures.front());
    m_pictures.pop_front();
    if (!*reading) {
        say("warning: " + (*reading).error().message);
        picture.source->done(picture.path);
        return;
    }
    auto codes = std::move((**reading).codes);
    if (std::erase_if(codes, [](const hal::ReadCode &code) { return code.partial; }) > 0)
        say(picture.path + ": a part of a set of codes, which is no ticket");
    else if (codes.empty())
        say(picture.path + ": no code found");
    if (codes.empty())
        picture.source->done(picture.path);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const bool last = i + 1 == codes.size();
        m_codes.push_back({.read = {.code = codes[i].content, .medium = domain::Medium::Image},
                           .from = picture.path,
                           .source = last ? picture.source : nullptr});
    }
}

} // namespace voelgoed::gate

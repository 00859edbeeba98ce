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

constexpr std::size_t kPicturesMax = 64;            ///< that wait in memory; the others wait where they are
constexpr std::int64_t kPictureBytesMax = 64 << 20; ///< the same, and one more
constexpr auto kRestAfter = 250ms;                  ///< without a scan: marks are written down
constexpr auto kMendEvery = 5s;
constexpr int kJudgedInARow = 16; ///< then the exchange has its turn, however many wait
constexpr std::size_t kMessageMax = 600;
constexpr std::size_t kSourceMax = 80;

} // namespace

Lane::Lane(const RunOptions &options, OpenGate &gate, sync::Exchanger *exchanger, Inputs &inputs,
           const Streams &streams, int wake)
    : m_options(options), m_gate(gate), m_exchanger(exchanger), m_inputs(inputs), m_streams(streams), m_wake(wake)
{}

Lane::End Lane::work(ControlServer &server)
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
        takePictures(); // soon: what is seen now may be another in a moment
        if (judgeNext()) {
            if (++m_judgedInARow >= kJudgedInARow)
                exchange();
            continue; // whoever waits in the queue comes first
        }
        if (m_end)
            return *m_end;
        exchange();
        if (m_stopping || isAtEnd())
            return End::Input;
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
        if (!hasRoomForPicture())
            break;
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
    if (m_exchanger) {
        add(m_exchanger->descriptor(), POLLIN);
        timeoutMs = std::min(timeoutMs, m_exchanger->waitMs());
    }
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

void Lane::exchange()
{
    m_judgedInARow = 0;
    if (!m_exchanger)
        return;
    m_exchanger->turn();
    for (const std::string &message : m_exchanger->takeMessages())
        say("server: " + message);
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

bool Lane::hasRoomForPicture() const
{
    std::int64_t bytes = 0;
    for (const PictureToRead &picture : m_pictures)
        bytes += picture.seen.contents ? picture.seen.contents->size() : 0;
    return m_pictures.size() < kPicturesMax && bytes < kPictureBytesMax;
}

void Lane::takePictures()
{
    for (const auto &source : m_inputs.pictures) {
        while (hasRoomForPicture()) {
            auto seen = source->take(1);
            if (!seen) {
                complain(source->name(), seen.error().message);
                break;
            }
            isWell(source->name());
            if (seen->empty())
                break;
            m_pictures.push_back({std::move(seen->front()), source.get()});
        }
    }
}

bool Lane::judgeNext()
{
    if (m_codes.empty() || m_end)
        return false;
    Waiting next = std::move(m_codes.front());
    m_codes.pop_front();
    if (!next.read) {
        next.afterwards();
        return true;
    }
    if (!m_gate.file->isThere()) {
        m_end = End::FileGone;
        return false;
    }
    const bool test = m_options.purpose == RunOptions::Purpose::Test;
    const scan::Judged judged = m_gate.engine->judge({.read = std::move(*next.read), .test = test});
    m_streams.out << (m_options.style == Style::Json ? jsonFor(judged, next.from)
                                                     : lineFor(judged) + sourceText(next.from))
                  << '\n'
                  << std::flush;
    if (!m_streams.out) {
        m_end = End::OutputGone;
        return false;
    }
    m_gate.engine->shown();
    ++m_tally.scans;
    const bool passes = judged.outcome() == domain::Outcome::Admit;
    ++(passes ? judged.direction == domain::Direction::Exit ? m_tally.out : m_tally.in : m_tally.stopped);
    m_lastScan = steady_clock::now();
    m_unflushed = true;
    return true;
}

/// Which lane or picture an answer belongs to, where there is more than one: " · ticket-7.png"
std::string Lane::sourceText(const std::string &from) const
{
    const std::size_t inputs = m_inputs.readers.size() + m_inputs.pictures.size() + (m_inputs.lines ? 1 : 0);
    if (m_inputs.pictures.empty() && inputs < 2)
        return {};
    const std::size_t slash = from.rfind('/');
    const bool isPicture = slash != std::string::npos && !from.starts_with("/dev/");
    return " · " + base::printable(isPicture ? from.substr(slash + 1) : from, kSourceMax);
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
    auto &[seen, source] = m_pictures.front();
    base::Result<void> started;
    if (seen.contents)
        started = m_inputs.barcodes->start(std::move(*seen.contents), seen.pagesDone);
    else
        started = seen.contents.error();
    if (started) {
        m_reading = true;
        m_codesOfPicture = seen.pagesDone; // it said something already
        return;
    }
    giveUp(started.error());
}

/// A picture that is none will be none again. Where it is the gate that cannot read it, the next start tries again.
void Lane::giveUp(const base::Error &why)
{
    const PictureToRead picture = std::move(m_pictures.front());
    m_pictures.pop_front();
    say("warning: " + why.message);
    if (why.code == base::ErrorCode::Invalid || why.code == base::ErrorCode::Unsupported)
        remember(*picture.source, picture.source->done(picture.seen.version));
}

void Lane::takeReading()
{
    auto reading = m_inputs.barcodes->poll();
    if (!reading)
        return takePages();
    m_reading = false;
    if (!*reading)
        return giveUp(reading->error());
    queueCodes(std::move((*reading)->codes));
    const PictureToRead picture = std::move(m_pictures.front());
    m_pictures.pop_front();
    if (!(*reading)->shortfall.empty())
        say("warning: " + picture.seen.path + ": " + (*reading)->shortfall);
    else if (m_codesOfPicture == 0)
        say(picture.seen.path + ": no code found");
    m_codes.push_back({.afterwards = [this, source = picture.source, version = picture.seen.version] {
        remember(*source, source->done(version));
    }});
}

void Lane::takePages()
{
    auto read = m_inputs.barcodes->takePages();
    if (!read)
        return;
    const auto &[seen, source] = m_pictures.front();
    queueCodes(std::move(read->codes));
    m_codes.push_back({.afterwards = [this, from = source, version = seen.version, pages = read->pages] {
        remember(*from, from->pagesDone(version, pages));
    }});
}

void Lane::queueCodes(std::vector<hal::ReadCode> codes)
{
    const std::string &path = m_pictures.front().seen.path;
    for (hal::ReadCode &code : codes) {
        ++m_codesOfPicture;
        if (!code.partial)
            m_codes.push_back({.read = hal::CodeRead{.code = std::move(code.content), .medium = domain::Medium::Image},
                               .from = path});
        else
            say(path + ": a part of a set of codes, which is no ticket");
    }
}

void Lane::remember(const hal::PictureSource &source, const base::Result<void> &remembered)
{
    const std::string memory = source.name() + " (memory)";
    if (!remembered)
        return complain(memory, remembered.error().message);
    isWell(memory);
}

} // namespace voelgoed::gate

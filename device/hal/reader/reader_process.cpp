#include "device/hal/reader/reader_process.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

namespace voelgoed::hal {

using base::Result;
using std::chrono::nanoseconds;

namespace {

constexpr std::size_t kCodesMax = 1'000; ///< of a picture or document
constexpr std::size_t kRangesShown = 20;

std::string besideThisProgram()
{
    std::error_code failed;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
    return (self.parent_path() / "voelgoed-reader").string();
}

bool looksLikePdf(const PictureFile &picture)
{
    const base::Bytes start = picture.bytesAt(0, 1024);
    return base::textOf(start).find("%PDF-") != std::string_view::npos;
}

void leaveOut(std::vector<PageRange> &unread, const PageRange &pages)
{
    if (!unread.empty() && unread.back().last + 1 == pages.first)
        unread.back().last = pages.last;
    else
        unread.push_back(pages);
}

/// "pages 3, 65-80 of 80 were not read"
std::string textOf(const std::vector<PageRange> &unread, int pages)
{
    std::string text;
    for (std::size_t i = 0; i < unread.size() && i < kRangesShown; ++i) {
        text += (i == 0 ? "pages " : ", ") + std::to_string(unread[i].first);
        if (unread[i].last > unread[i].first)
            text += "-" + std::to_string(unread[i].last);
    }
    return text + (unread.size() > kRangesShown ? " and others of " : " of ") + std::to_string(pages) +
           " were not read";
}

} // namespace

Result<std::unique_ptr<ReaderProcess>> ReaderProcess::start(const ReaderOptions &options)
{
    std::unique_ptr<ReaderProcess> reader(new ReaderProcess(options));
    if (reader->m_options.program.empty())
        reader->m_options.program = besideThisProgram();
    if (auto spawned = reader->m_child.spawn(reader->m_options.program, ReaderChild::Kind::Pictures); !spawned)
        return spawned.error();
    return reader;
}

Result<void> ReaderProcess::start(PictureFile picture, int pagesDone)
{
    base::ensure(!m_busy, "one picture at a time");
    m_file = std::move(picture);
    return begin({.kind = PictureKind::File,
                  .effort = Effort::Still,
                  .firstPage = static_cast<std::uint32_t>(std::clamp(pagesDone, 0, kPagesMax))},
                 m_file->path());
}

Result<void> ReaderProcess::startFrame(const GrayFrame &frame)
{
    base::ensure(!m_busy, "one picture at a time");
    if (frame.width < 1 || frame.height < 1 || frame.width > kSideMax || frame.height > kSideMax)
        return base::invalid("a frame of " + std::to_string(frame.width) + " by " + std::to_string(frame.height));
    m_file.reset();
    auto picture = PictureFile::of(frame.pixels, frame.width, frame.height, frame.stride);
    if (!picture)
        return picture.error();
    m_file = std::move(*picture);
    return begin({.kind = PictureKind::Frame,
                  .effort = Effort::Live,
                  .width = static_cast<std::uint32_t>(frame.width),
                  .height = static_cast<std::uint32_t>(frame.height)},
                 "frame");
}

Result<void> ReaderProcess::begin(const ReadRequest &request, std::string name)
{
    m_request = request;
    m_name = std::move(name);
    m_reading = {};
    m_work = {.pagesTaken = page()};
    return send();
}

Result<void> ReaderProcess::send()
{
    const bool document = !isLive() && looksLikePdf(*m_file);
    const auto kind = document ? ReaderChild::Kind::Documents : ReaderChild::Kind::Pictures;
    // One that can render documents reads everything else as well.
    if (!m_child.isThere() || (document && m_child.kind() != kind)) {
        if (auto spawned = m_child.spawn(m_options.program, kind); !spawned)
            return spawned;
    }
    m_busy = true;
    m_openedHere = false;
    m_work.last = {m_request.firstPage, Begins::kOpening};
    m_work.pageBegan = m_work.wayBegan = m_child.mark();
    m_child.send(encode(m_request), m_file->descriptor());
    return {};
}

nanoseconds ReaderProcess::left() const
{
    if (isLive())
        return m_options.liveWhole - (std::chrono::steady_clock::now() - m_work.pageBegan.wall);
    return std::min<nanoseconds>(m_options.stillAttempt - m_child.workedSince(m_work.wayBegan),
                                 m_options.stillPage - pageWork());
}

int ReaderProcess::waitMs() const
{
    return std::max(0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left()).count()));
}

std::optional<Result<Reading>> ReaderProcess::poll()
{
    if (!m_busy)
        return std::nullopt;
    std::byte buffer[kMessageMax];
    for (;;) {
        const ssize_t got = ::recv(m_child.socket(), buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return left() <= nanoseconds(0) ? goOn() : std::nullopt;
        if (got <= 0)
            return goOn();
        const auto answer = decodeAnswer({buffer, static_cast<std::size_t>(got)});
        if (!answer)
            return goOn(); // whoever says that is no reader any more
        if (auto ended = take(*answer))
            return ended;
    }
}

ReaderProcess::Ended ReaderProcess::take(const Answer &answer)
{
    if (const auto *begins = std::get_if<Begins>(&answer)) {
        if (begins->page != m_request.firstPage)
            return goOn();
        m_work.last = *begins;
        m_reading.attempts += begins->attempt < Begins::kRendering;
        m_work.wayBegan = m_child.mark();
        return std::nullopt;
    }
    if (const auto *found = std::get_if<Found>(&answer)) {
        add(found->code);
        return std::nullopt;
    }
    if (const auto *unreadable = std::get_if<Unreadable>(&answer))
        return end(base::invalid(m_name + ": " + unreadable->why));
    if (const auto *opened = std::get_if<Opened>(&answer))
        return take(*opened);
    if (const auto *done = std::get_if<PageDone>(&answer))
        return take(*done);
    const bool isAll = isLive() || (m_openedHere && page() >= pagesToRead());
    return isAll ? endWithRest("at most " + std::to_string(kPagesMax) + " pages are read") : goOn();
}

ReaderProcess::Ended ReaderProcess::take(const Opened &opened)
{
    const bool isOther =
        m_work.opened && (opened.document != m_work.document || static_cast<int>(opened.pages) != m_work.pages);
    if (m_openedHere || isOther || isLive() || (!opened.document && opened.pages != 1))
        return goOn(); // it said something else before
    m_openedHere = true;
    m_work.opened = true;
    m_work.document = opened.document;
    m_work.pages = static_cast<int>(opened.pages);
    return std::nullopt;
}

ReaderProcess::Ended ReaderProcess::take(const PageDone &done)
{
    if (!m_openedHere || done.page != m_request.firstPage || page() >= pagesToRead())
        return goOn();
    if (!done.read)
        leaveOut(m_reading.unread, {page() + 1, page() + 1});
    turnPage();
    m_work.wayBegan = m_work.pageBegan = m_child.mark();
    if (m_work.inVain > m_options.stillInVain && page() < pagesToRead()) {
        m_child.kill();
        return endWithRest("page after page had no code");
    }
    return std::nullopt;
}

void ReaderProcess::add(const ReadCode &found)
{
    ReadCode code = found;
    code.page = m_work.document ? page() + 1 : 0; // whatever it says itself
    auto &codes = m_reading.codes;
    const auto same = [&](const ReadCode &other) {
        return other.symbology == code.symbology && other.content == code.content && other.page == code.page;
    };
    if (m_work.codes >= kCodesMax || std::any_of(codes.begin(), codes.end(), same))
        return;
    codes.push_back(std::move(code));
    ++m_work.codes;
}

void ReaderProcess::turnPage()
{
    if (m_reading.codes.size() == m_work.codesBefore)
        m_work.inVain += pageWork();
    m_work.codesBefore = m_reading.codes.size();
    m_work.onPage = nanoseconds(0);
    m_work.restarts = 0;
    m_request.skip.clear();
    ++m_request.firstPage;
}

std::optional<PagesRead> ReaderProcess::takePages()
{
    if (!m_busy || !m_work.document || page() == m_work.pagesTaken)
        return std::nullopt;
    m_work.pagesTaken = page();
    const auto end = m_reading.codes.begin() + static_cast<std::ptrdiff_t>(std::exchange(m_work.codesBefore, 0));
    PagesRead read{{std::make_move_iterator(m_reading.codes.begin()), std::make_move_iterator(end)}, page()};
    m_reading.codes.erase(m_reading.codes.begin(), end);
    return read;
}

ReaderProcess::Ended ReaderProcess::end(Result<Reading> result)
{
    m_busy = false;
    m_file.reset();
    if (!m_child.isThere()) // ready for the next picture
        (void)m_child.spawn(m_options.program, ReaderChild::Kind::Pictures);
    return result;
}

ReaderProcess::Ended ReaderProcess::endWithRest(const std::string &why)
{
    if (m_work.document && page() < m_work.pages)
        leaveOut(m_reading.unread, {page() + 1, m_work.pages});
    if (!m_reading.unread.empty()) {
        const bool isCut = m_reading.unread.back().last > page();
        m_reading.shortfall = textOf(m_reading.unread, m_work.pages) + (isCut ? ": " + why : std::string());
    } else if (!isLive() && !m_work.document && page() < m_work.pages) {
        m_reading.shortfall = "not looked at in every way: " + why;
    }
    return end(std::move(m_reading));
}

ReaderProcess::Ended ReaderProcess::goOn()
{
    m_work.onPage = pageWork();
    m_child.kill();
    m_work.pageBegan = m_child.mark();
    ++m_reading.restarts;
    ++m_work.restarts;
    if (isLive())
        return endWithRest({});
    // Once can be somebody else's doing; a file that ends two readers is one that cannot be opened.
    const bool opening = m_work.last.attempt == Begins::kOpening;
    if (opening && ++m_work.openings > 1) {
        if (m_work.opened)
            return endWithRest("it cannot be opened again");
        return end(base::invalid(m_name + ": it cannot be decoded"));
    }
    const bool spent = m_work.restarts > m_options.restartsMax || m_request.skip.size() >= kSkipMax ||
                       m_work.onPage >= m_options.stillPage;
    if (!opening && (spent || m_work.last.attempt == Begins::kRendering)) {
        if (!m_work.document)
            return endWithRest("it takes too long, or ends the reader again and again");
        leaveOut(m_reading.unread, {page() + 1, page() + 1});
        turnPage();
        if (page() >= pagesToRead() || m_work.inVain > m_options.stillInVain)
            return endWithRest(page() >= kPagesMax ? "at most " + std::to_string(kPagesMax) + " pages are read"
                                                   : "page after page had no code");
    } else if (!opening) {
        // Everything else on the page is looked at again: what a weak code still lacked would be forgotten otherwise.
        m_request.skip.push_back(m_work.last.attempt);
    }
    if (auto sent = send(); !sent) {
        m_busy = false;
        return Result<Reading>(sent.error());
    }
    return std::nullopt;
}

} // namespace voelgoed::hal

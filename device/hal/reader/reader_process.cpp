#include "device/hal/reader/reader_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

namespace voelgoed::hal {

using base::Result;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

constexpr off_t kFileMax = 64 << 20;
constexpr int kChildSocket = 3;

base::Error failure(const std::string &what)
{
    return {base::ErrorCode::Unavailable, what + ": " + std::strerror(errno), {}};
}

std::string besideThisProgram()
{
    std::error_code failed;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
    return (self.parent_path() / "voelgoed-reader").string();
}

bool looksLikePdf(int picture)
{
    char start[1024];
    const ssize_t got = ::pread(picture, start, sizeof start, 0);
    return got > 0 && std::string_view(start, static_cast<std::size_t>(got)).find("%PDF-") != std::string_view::npos;
}

/// Nobody can change the picture while the reader looks at it.
void seal(int picture)
{
    ::fcntl(picture, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}

} // namespace

Result<std::unique_ptr<ReaderProcess>> ReaderProcess::start(const ReaderOptions &options)
{
    std::unique_ptr<ReaderProcess> reader(new ReaderProcess(options));
    if (reader->m_options.program.empty())
        reader->m_options.program = besideThisProgram();
    if (auto spawned = reader->spawn(); !spawned)
        return spawned.error();
    return reader;
}

ReaderProcess::~ReaderProcess()
{
    kill();
    closePicture();
}

void ReaderProcess::closePicture()
{
    if (m_picture >= 0)
        ::close(m_picture);
    m_picture = -1;
}

Result<void> ReaderProcess::spawn()
{
    int pair[2];
    if (::access(m_options.program.c_str(), X_OK) != 0 ||
        ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return failure("barcode reader " + m_options.program);
    const char *argument = m_needsDocuments ? "--documents" : nullptr;
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
        // Only what is safe between fork and exec.
        // What a library says when a picture ends it is nothing for the gate's terminal.
        const int nowhere = ::open("/dev/null", O_RDWR);
        if (::getppid() != parent || ::dup2(pair[1], kChildSocket) < 0 || ::dup2(nowhere, 0) < 0 ||
            ::dup2(nowhere, 1) < 0 || ::dup2(nowhere, 2) < 0)
            ::_exit(126);
        ::close_range(kChildSocket + 1, ~0U, 0);
        char *const arguments[] = {const_cast<char *>("voelgoed-reader"), const_cast<char *>(argument), nullptr};
        char *const environment[] = {nullptr};
        ::execve(m_options.program.c_str(), arguments, environment);
        ::_exit(127);
    }
    ::close(pair[1]);
    if (child < 0) {
        ::close(pair[0]);
        return failure("barcode reader");
    }
    m_socket = pair[0];
    m_process = child;
    m_documents = m_needsDocuments;
    return {};
}

void ReaderProcess::kill()
{
    if (m_socket >= 0)
        ::close(m_socket);
    m_socket = -1;
    if (m_process > 0) {
        ::kill(m_process, SIGKILL);
        while (::waitpid(m_process, nullptr, 0) < 0 && errno == EINTR) {}
    }
    m_process = -1;
}

Result<void> ReaderProcess::startFile(const std::string &path)
{
    base::ensure(!m_busy, "one picture at a time");
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status
    {};
    const bool opened = file >= 0 && ::fstat(file, &status) == 0;
    if (!opened || !S_ISREG(status.st_mode) || status.st_size == 0 || status.st_size > kFileMax) {
        base::Error error = base::invalid(path + (!opened                    ? std::string(": ") + std::strerror(errno)
                                                  : !S_ISREG(status.st_mode) ? std::string(": not a file")
                                                  : status.st_size == 0      ? std::string(": empty")
                                                                             : std::string(": too large")));
        if (file >= 0)
            ::close(file);
        return error;
    }
    closePicture();
    m_picture = ::memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    off_t copied = 0;
    while (m_picture >= 0 && copied < status.st_size) {
        const ssize_t sent = ::sendfile(m_picture, file, nullptr, static_cast<std::size_t>(status.st_size - copied));
        if (sent <= 0)
            break;
        copied += sent;
    }
    ::close(file);
    if (copied != status.st_size)
        return failure(path);
    seal(m_picture);
    m_name = path;
    m_needsDocuments = looksLikePdf(m_picture);
    m_request = {.kind = PictureKind::File, .effort = Effort::Still};
    m_wholeDeadline = steady_clock::now() + m_options.stillWhole;
    m_openings = 0;
    return send();
}

Result<void> ReaderProcess::startFrame(const GrayFrame &frame)
{
    base::ensure(!m_busy, "one picture at a time");
    if (frame.width < 1 || frame.height < 1 || frame.width > kSideMax || frame.height > kSideMax)
        return base::invalid("a frame of " + std::to_string(frame.width) + " by " + std::to_string(frame.height));
    closePicture();
    m_picture = ::memfd_create("frame", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const auto width = static_cast<std::size_t>(frame.width);
    const std::size_t size = width * static_cast<std::size_t>(frame.height);
    if (m_picture < 0 || ::ftruncate(m_picture, static_cast<off_t>(size)) != 0)
        return failure("frame");
    // Rows that lie one behind the other go in one piece.
    const bool dense = frame.stride == frame.width;
    const std::size_t piece = dense ? size : width;
    for (std::size_t at = 0; at < size; at += piece) {
        const std::byte *row = frame.pixels + (dense ? 0 : static_cast<std::ptrdiff_t>(at / width) * frame.stride);
        if (::pwrite(m_picture, row, piece, static_cast<off_t>(at)) != static_cast<ssize_t>(piece))
            return failure("frame");
    }
    seal(m_picture);
    m_name = "frame";
    m_needsDocuments = m_documents;
    m_request = {.kind = PictureKind::Frame,
                 .effort = Effort::Live,
                 .width = static_cast<std::uint32_t>(frame.width),
                 .height = static_cast<std::uint32_t>(frame.height)};
    m_wholeDeadline = steady_clock::now() + m_options.liveWhole;
    m_openings = 0;
    return send();
}

Result<void> ReaderProcess::send()
{
    m_reading = {};
    m_last = {m_request.firstPage, Begins::kOpening};
    if (m_socket < 0 || (m_needsDocuments && !m_documents)) {
        kill();
        if (auto spawned = spawn(); !spawned)
            return spawned;
    }
    m_busy = true;
    const base::Bytes bytes = encode(m_request);
    iovec vector{.iov_base = const_cast<std::byte *>(bytes.data()), .iov_len = bytes.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr *attached = CMSG_FIRSTHDR(&message);
    attached->cmsg_level = SOL_SOCKET;
    attached->cmsg_type = SCM_RIGHTS;
    attached->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(attached), &m_picture, sizeof m_picture);
    // One that was killed meanwhile is noticed when its answer is read.
    [[maybe_unused]] const ssize_t sent = ::sendmsg(m_socket, &message, MSG_NOSIGNAL);
    m_wayDeadline =
        steady_clock::now() + (m_request.effort == Effort::Live ? m_options.liveWhole : m_options.stillAttempt);
    return {};
}

int ReaderProcess::waitMs() const
{
    const auto left = std::min(m_wayDeadline, m_wholeDeadline) - steady_clock::now();
    return std::max(0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

std::optional<Result<Reading>> ReaderProcess::poll()
{
    if (!m_busy)
        return std::nullopt;
    std::byte buffer[kMessageMax];
    for (;;) {
        const ssize_t got = ::recv(m_socket, buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            const auto now = steady_clock::now();
            return now >= m_wholeDeadline || now >= m_wayDeadline ? goOn() : std::nullopt;
        }
        if (got <= 0)
            return goOn();
        const auto answer = decodeAnswer({buffer, static_cast<std::size_t>(got)});
        if (!answer)
            return goOn(); // whoever says that is no reader any more
        if (auto finished = take(*answer))
            return finished;
    }
}

std::optional<Result<Reading>> ReaderProcess::take(const Answer &answer)
{
    if (const auto *begins = std::get_if<Begins>(&answer)) {
        m_last = *begins;
        m_reading.attempts += begins->attempt < Begins::kRendering;
        if (m_request.effort == Effort::Still)
            m_wayDeadline = steady_clock::now() + m_options.stillAttempt;
        return std::nullopt;
    }
    if (const auto *found = std::get_if<Found>(&answer)) {
        constexpr std::size_t kCodesMax = 1'000;
        const auto same = [&](const ReadCode &code) {
            return code.symbology == found->code.symbology && code.content == found->code.content &&
                   code.page == found->code.page;
        };
        const auto &codes = m_reading.codes;
        if (codes.size() < kCodesMax && std::none_of(codes.begin(), codes.end(), same))
            m_reading.codes.push_back(found->code);
        return std::nullopt;
    }
    if (const auto *unreadable = std::get_if<Unreadable>(&answer)) {
        m_busy = false;
        closePicture();
        return Result<Reading>(base::invalid(m_name + ": " + unreadable->why));
    }
    return finish();
}

Result<Reading> ReaderProcess::finish()
{
    m_busy = false;
    closePicture();
    return std::move(m_reading);
}

std::optional<Result<Reading>> ReaderProcess::goOn()
{
    kill();
    ++m_reading.restarts;
    const bool over = m_request.effort == Effort::Live || m_reading.restarts > m_options.restartsMax ||
                      m_request.skip.size() >= kSkipMax || steady_clock::now() >= m_wholeDeadline;
    if (over) {
        (void)spawn(); // ready for the next picture
        return finish();
    }
    // Once can be somebody else's doing; a file that ends two readers is one that cannot be opened.
    const bool opening = m_last.attempt == Begins::kOpening;
    if (opening && ++m_openings > 1) {
        m_busy = false;
        closePicture();
        (void)spawn();
        return Result<Reading>(base::invalid(m_name + ": it cannot be decoded"));
    }
    const bool rendering = m_last.attempt == Begins::kRendering;
    const std::uint32_t page = m_last.page + (rendering ? 1 : 0);
    if (!opening && page != m_request.firstPage)
        m_request.skip.clear();
    if (!opening)
        m_request.firstPage = page;
    // Everything else on the page is looked at again: what a weak code still lacked would be forgotten otherwise.
    if (!rendering && !opening)
        m_request.skip.push_back(m_last.attempt);
    const Reading soFar = std::move(m_reading);
    auto sent = send();
    m_reading = soFar;
    if (sent)
        return std::nullopt;
    m_busy = false;
    return Result<Reading>(sent.error());
}

} // namespace voelgoed::hal

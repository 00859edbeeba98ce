// voelgoed-reader: the process that looks at pictures. It has nothing but a socket to the gate that started it, and is
// expected to be ended by a picture now and then; the gate starts it anew.
#include "device/hal/reader/message.h"
#include "device/hal/reader/picture.h"
#include "device/hal/reader/sandbox.h"
#include "device/hal/reader/search.h"

#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>

using namespace voelgoed;
using namespace voelgoed::hal;

namespace {

constexpr int kSocket = 3;

/// The memory file of a request, seen but not changed.
class Mapping
{
public:
    explicit Mapping(int descriptor)
    {
        // Not by fstat(): the C library makes a call of it that could also name a file.
        const off_t size = ::lseek(descriptor, 0, SEEK_END);
        if (size > 0) {
            void *at =
                ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
            if (at != MAP_FAILED)
                m_bytes = {static_cast<const std::byte *>(at), static_cast<std::size_t>(size)};
        }
        ::close(descriptor);
    }
    ~Mapping()
    {
        if (!m_bytes.empty())
            ::munmap(const_cast<std::byte *>(m_bytes.data()), m_bytes.size());
    }
    Mapping(const Mapping &) = delete;
    Mapping &operator=(const Mapping &) = delete;

    base::ByteView bytes() const { return m_bytes; }

private:
    base::ByteView m_bytes;
};

void say(const Answer &answer)
{
    const base::Bytes bytes = encode(answer);
    if (bytes.size() <= kMessageMax)
        ::send(kSocket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

struct Received
{
    ReadRequest request;
    int picture = -1;
};

/// Nothing when the gate is gone.
std::optional<Received> receive()
{
    std::byte buffer[256];
    iovec vector{.iov_base = buffer, .iov_len = sizeof buffer};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got = ::recvmsg(kSocket, &message, 0);
    const cmsghdr *attached = CMSG_FIRSTHDR(&message);
    if (got <= 0 || !attached || attached->cmsg_type != SCM_RIGHTS)
        return std::nullopt;
    Received received;
    std::memcpy(&received.picture, CMSG_DATA(attached), sizeof received.picture);
    const auto request = decodeRequest({buffer, static_cast<std::size_t>(got)});
    if (!request)
        return std::nullopt;
    received.request = *request;
    return received;
}

int searchPage(const cv::Mat &pixels, std::uint32_t page, const ReadRequest &request, bool document)
{
    std::vector<int> skip;
    if (page == request.firstPage)
        skip.assign(request.skip.begin(), request.skip.end());
    int attempts = 0;
    const SearchObserver observer{.begins =
                                      [&](int attempt) {
                                          attempts = attempt;
                                          say(Begins{page, static_cast<std::uint32_t>(attempt)});
                                      },
                                  .found =
                                      [&](const ReadCode &code) {
                                          Found found{code};
                                          found.code.page = document ? static_cast<int>(page) + 1 : 0;
                                          say(found);
                                      }};
    try {
        return search(pixels, {.effort = request.effort, .skip = std::move(skip)}, observer);
    } catch (const std::exception &) {
        return attempts; // a picture that could be opened is one, whatever becomes of the search
    }
}

void answer(const ReadRequest &request, base::ByteView picture)
{
    if (request.kind == PictureKind::Frame) {
        const std::size_t size = std::size_t{request.width} * request.height;
        if (size == 0 || picture.size() < size)
            return say(Unreadable{"a frame of another size than it says"});
        const cv::Mat frame(static_cast<int>(request.height), static_cast<int>(request.width), CV_8U,
                            const_cast<std::byte *>(picture.data()));
        const int attempts = searchPage(frame, 0, request, false);
        return say(Done{static_cast<std::uint32_t>(attempts)});
    }
    say(Begins{request.firstPage, Begins::kOpening});
    const auto pictures = openPictures(picture);
    if (!pictures)
        return say(Unreadable{pictures.error().message.substr(0, 200)});
    const bool document = (*pictures)->isDocument();
    say(Opened{static_cast<std::uint32_t>((*pictures)->count()), document});
    std::uint32_t attempts = 0;
    const auto last = static_cast<std::uint32_t>(std::min((*pictures)->count(), kPagesMax));
    for (std::uint32_t page = request.firstPage; page < last; ++page) {
        say(Begins{page, Begins::kRendering});
        const auto pixels = (*pictures)->at(static_cast<int>(page));
        if (!pixels && !document)
            return say(Unreadable{pixels.error().message.substr(0, 200)});
        if (pixels)
            attempts += static_cast<std::uint32_t>(searchPage(*pixels, page, request, document));
        say(PageDone{page, static_cast<bool>(pixels)});
    }
    say(Done{attempts});
}

} // namespace

int main(int argc, char **argv)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setenv("LC_ALL", "C", 1);
    cv::setNumThreads(1);
    keepMemory();
    if (argc > 1 && std::strcmp(argv[1], "--documents") == 0)
        prepareDocuments();
    // Whatever the image library sets up at its first use is set up now.
    cv::Mat warm(64, 64, CV_8U, cv::Scalar(200));
    (void)search(warm, {.effort = Effort::Live}, {[](int) {}, [](const ReadCode &) {}});
    if (const auto closed = enterSandbox(); !closed) {
        std::cerr << closed.error().message << "\n";
        return 2;
    }
    while (const auto received = receive()) {
        const Mapping mapping(received->picture);
        try {
            answer(received->request, mapping.bytes());
        } catch (const std::exception &) {
            // Out of memory, or something that a library cannot digest: this picture is none.
            say(Unreadable{"it cannot be decoded"});
        }
    }
    return 0;
}

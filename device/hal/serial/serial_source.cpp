#include "device/hal/serial/serial_source.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace voelgoed::hal {

using base::Result;

namespace {

constexpr int kLookAgainMs = 1'000;
constexpr std::size_t kShortest = 4; ///< bytes; what is shorter is the beginning of a code
constexpr int kGaps = 4;             ///< a silence is so many times as long as the longest gap before it

constexpr std::array kRates{std::pair{1200, B1200},     std::pair{2400, B2400},     std::pair{4800, B4800},
                            std::pair{9600, B9600},     std::pair{19200, B19200},   std::pair{38400, B38400},
                            std::pair{57600, B57600},   std::pair{115200, B115200}, std::pair{230400, B230400},
                            std::pair{460800, B460800}, std::pair{921600, B921600}};

std::optional<speed_t> rateOf(int baud)
{
    for (const auto &[number, rate] : kRates) {
        if (number == baud)
            return rate;
    }
    return std::nullopt;
}

} // namespace

Result<SerialOptions> parseSerialOptions(const std::string &text)
{
    SerialOptions options{.device = text};
    const std::size_t colon = text.rfind(':');
    if (colon != std::string::npos) {
        options.device = text.substr(0, colon);
        const std::string rate = text.substr(colon + 1);
        const auto read = std::from_chars(rate.data(), rate.data() + rate.size(), options.baud);
        if (read.ec != std::errc() || std::to_string(options.baud) != rate || !rateOf(options.baud))
            return base::invalid("serial line " + options.device + ": no such rate: " + rate,
                                 "Usual ones are 9600, 19200, 38400, 57600 and 115200.");
    }
    if (options.device.empty())
        return base::invalid("a serial line needs a device, like /dev/ttyACM0");
    return options;
}

Result<std::unique_ptr<SerialSource>> SerialSource::open(const SerialOptions &options)
{
    std::unique_ptr<SerialSource> source(new SerialSource(options));
    if (auto connected = source->connect(); !connected)
        return connected.error();
    return source;
}

SerialSource::~SerialSource()
{
    disconnect();
}

Result<void> SerialSource::connect()
{
    const auto failed = [&] {
        base::Error error{base::ErrorCode::Unavailable, m_options.device + ": " + std::strerror(errno), {}};
        disconnect();
        return error;
    };
    m_descriptor = ::open(m_options.device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (m_descriptor < 0)
        return failed();
    termios settings{};
    if (::tcgetattr(m_descriptor, &settings) != 0) {
        const bool isOther = errno == ENOTTY || errno == EINVAL;
        auto error = failed();
        if (isOther)
            error.message = m_options.device + ": not a serial line";
        return error;
    }
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    const speed_t rate = rateOf(m_options.baud).value_or(B9600);
    if (::cfsetispeed(&settings, rate) != 0 || ::cfsetospeed(&settings, rate) != 0 ||
        ::tcsetattr(m_descriptor, TCSANOW, &settings) != 0)
        return failed();
    return {};
}

void SerialSource::disconnect()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
    m_descriptor = -1;
    m_endsLines = false; // the next one may be another
    m_longestGap = {};
}

int SerialSource::waitMs() const
{
    if (m_descriptor < 0)
        return kLookAgainMs;
    return m_framer.isPending() ? static_cast<int>(silence().count()) : -1;
}

std::chrono::milliseconds SerialSource::silence() const
{
    const std::chrono::milliseconds shortest(m_options.silenceMs), longest(m_options.patienceMs);
    if (m_endsLines || m_framer.pending() < kShortest)
        return std::max(shortest, longest);
    return std::max(shortest, std::min(kGaps * m_longestGap, longest));
}

Result<std::vector<CodeRead>> SerialSource::take()
{
    if (m_descriptor < 0) {
        if (auto connected = connect(); !connected)
            return connected.error();
    }
    std::byte buffer[1024];
    const ssize_t got = ::read(m_descriptor, buffer, sizeof buffer);
    const auto now = std::chrono::steady_clock::now();
    if (got > 0) {
        const std::string_view bytes(reinterpret_cast<const char *>(buffer), static_cast<std::size_t>(got));
        m_endsLines = m_endsLines || bytes.find_first_of("\r\n") != std::string_view::npos;
        if (m_framer.isPending())
            m_longestGap = std::max(m_longestGap, std::chrono::ceil<std::chrono::milliseconds>(now - m_lastByte));
        m_lastByte = now;
        auto codes = m_framer.feed(base::bytesOf(bytes));
        if (!codes.empty())
            m_longestGap = {};
        return codes;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (m_framer.isPending() && now - m_lastByte >= silence()) {
            m_longestGap = {};
            return m_framer.finish();
        }
        return std::vector<CodeRead>();
    }
    // Pulled out: what had come of a code is no code.
    m_framer = Framer(domain::Medium::Serial);
    disconnect();
    return base::Error{base::ErrorCode::Unavailable, m_options.device + ": gone", "Plug the scanner in again."};
}

} // namespace voelgoed::hal

#pragma once

#include "device/core/hal/framer.h"

#include <chrono>
#include <memory>
#include <string>

namespace voelgoed::hal {

struct SerialOptions
{
    std::string device;
    int baud = 9600;
    int silenceMs = 60; ///< bytes that nothing follows for so long are a code, from a scanner that sends no line ends
    int patienceMs = 3'000; ///< the same from one that does, or where the bytes are too few or came slowly

    friend bool operator==(const SerialOptions &, const SerialOptions &) = default;
};

/// Reads "DEV" or "DEV:BAUD". Invalid for a rate that serial lines do not have.
base::Result<SerialOptions> parseSerialOptions(const std::string &text);

/// A scanner on a serial line (RS-232, USB-CDC): 8 data bits, no parity, no echo, no translation. Whether it ends its
/// codes with a line end is learned from the first one; until then silence ends a code, unless the scanner sends its
/// bytes that slowly. A scanner that is pulled out is looked for once a second until it is back.
class SerialSource final : public CodeSource
{
public:
    static base::Result<std::unique_ptr<SerialSource>> open(const SerialOptions &options);
    ~SerialSource() override;

    int descriptor() const override { return m_descriptor; }
    int waitMs() const override;
    base::Result<std::vector<CodeRead>> take() override;
    bool hasEnded() const override { return false; }
    std::string name() const override { return m_options.device; }

private:
    explicit SerialSource(SerialOptions options) : m_options(std::move(options)) {}

    base::Result<void> connect();
    void disconnect();
    std::chrono::milliseconds silence() const;

    SerialOptions m_options;
    int m_descriptor = -1;
    Framer m_framer{domain::Medium::Serial};
    std::chrono::steady_clock::time_point m_lastByte;
    std::chrono::milliseconds m_longestGap{0}; ///< between bytes of the code that is under way
    bool m_endsLines = false;                  ///< this scanner has sent a line end
};

} // namespace voelgoed::hal

#pragma once

#include "device/core/hal/picture_file.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::hal {

/// The kinds of barcode that tickets are made of.
enum class Symbology : std::uint8_t {
    QRCode,
    MicroQRCode,
    PDF417,
    Aztec,
    DataMatrix,
    Code128,
    Code39,
    ITF,
    EAN13,
    EAN8,
    UPCA,
    UPCE,
};
inline constexpr std::size_t kSymbologies = 12;

/// "QRCode", "EAN-13": the names that ZXing gives them.
std::string_view nameOf(Symbology symbology);

/// How hard to look.
enum class Effort : std::uint8_t {
    Live,  ///< a camera's frame: the next one comes in a moment
    Still, ///< a file: the only picture there is
};

struct Point
{
    float x = 0;
    float y = 0;

    friend bool operator==(const Point &, const Point &) = default;
};

/// A code that was read from a picture.
struct ReadCode
{
    Symbology symbology = Symbology::QRCode;
    base::Bytes content;            ///< the payload, byte for byte
    std::string text;               ///< the same for people, UTF-8
    std::array<Point, 4> corners{}; ///< in pixels of the picture, clockwise from the code's own top left
    int page = 0;                   ///< of a document, from 1; 0: a picture
    bool partial = false;           ///< one part of a set of codes (structured append): no whole ticket

    friend bool operator==(const ReadCode &, const ReadCode &) = default;
};

/// Pages of a document, from 1, the last one included.
struct PageRange
{
    int first = 0;
    int last = 0;

    friend bool operator==(const PageRange &, const PageRange &) = default;
};

struct Reading
{
    std::vector<ReadCode> codes;   ///< each code once
    int attempts = 0;              ///< ways that were tried
    int restarts = 0;              ///< of the reader, because a way ended it or took too long
    std::vector<PageRange> unread; ///< of a document: what was not looked at to its end, in order
    std::string shortfall;         ///< what was not looked at and why, for people; empty: nothing

    friend bool operator==(const Reading &, const Reading &) = default;
};

/// What the pages of a document came to, as far as they are finished.
struct PagesRead
{
    std::vector<ReadCode> codes;
    int pages = 0; ///< of the document, from the first

    friend bool operator==(const PagesRead &, const PagesRead &) = default;
};

/// A grey picture in memory: 8 bits a pixel, 0 is black. Borrows.
struct GrayFrame
{
    const std::byte *pixels = nullptr;
    int width = 0;
    int height = 0;
    int stride = 0; ///< bytes from one row to the next
};

/// Finds codes in pictures. Anybody can hold any picture before a gate: an implementation survives all of them, answers
/// in bounded time, and never takes a picture's word for what it is. One request at a time, one thread.
class BarcodeReader
{
public:
    virtual ~BarcodeReader() = default;

    /// Begins with a file's contents: PNG, JPEG, WebP, or the pages of a PDF, but for so many at its beginning.
    virtual base::Result<void> start(PictureFile picture, int pagesDone) = 0;
    /// The same for the whole of what lies there now. Fails as PictureFile::read() does.
    base::Result<void> startFile(const std::string &path);
    /// Begins with a camera's frame, which is copied. Tries as hard as a live picture allows.
    virtual base::Result<void> startFrame(const GrayFrame &frame) = 0;

    /// What to wait on, and how long at most, while a request is under way.
    virtual int descriptor() const = 0;
    virtual int waitMs() const = 0;

    /// Nothing while it is under way; then, once, the reading. Invalid when the file is no picture; Unavailable when
    /// the reader cannot be started.
    virtual std::optional<base::Result<Reading>> poll() = 0;
    /// While a document is under way: the pages that were finished since the last call, if any were. Their codes are
    /// not in the reading any more.
    virtual std::optional<PagesRead> takePages() = 0;

    /// Waits for the end of the request.
    base::Result<Reading> wait();
};

} // namespace voelgoed::hal

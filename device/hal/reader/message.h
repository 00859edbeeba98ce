#pragma once

#include "device/core/hal/barcode_reader.h"
#include "shared/base/bytes.h"

#include <variant>
#include <vector>

/// What the gate and its reader say to each other over a socket that keeps messages apart. Numbers are big endian. The
/// gate treats everything that comes back as hostile: whoever held the picture may be the one who speaks.
namespace voelgoed::hal {

inline constexpr std::size_t kMessageMax = 48 << 10;
inline constexpr std::size_t kContentMax = 8 << 10; ///< bytes of a code; the largest QR code has 2,953
inline constexpr std::size_t kTextMax = 24 << 10;
inline constexpr int kSideMax = 20'000; ///< pixels
inline constexpr int kPagesMax = 1'000; ///< of a document; what is beyond is not read, and said to be so

inline constexpr std::size_t kSkipMax = 16;

enum class PictureKind : std::uint8_t { File, Frame };

/// Goes with the descriptor of a memory file that holds the picture.
struct ReadRequest
{
    PictureKind kind = PictureKind::File;
    Effort effort = Effort::Still;
    std::uint32_t width = 0; ///< of a frame
    std::uint32_t height = 0;
    std::uint32_t firstPage = 0;
    std::vector<std::uint32_t> skip; ///< attempts on that page that ended a reader; at most kSkipMax

    friend bool operator==(const ReadRequest &, const ReadRequest &) = default;
};

/// The reader is about to try something that may be the end of it.
struct Begins
{
    static constexpr std::uint32_t kOpening = 0xFFFFFFFF;   ///< the file as a whole
    static constexpr std::uint32_t kRendering = 0xFFFFFFFE; ///< the page

    std::uint32_t page = 0;
    std::uint32_t attempt = 0; ///< of search(), or one of the two above

    friend bool operator==(const Begins &, const Begins &) = default;
};

struct Found
{
    ReadCode code;

    friend bool operator==(const Found &, const Found &) = default;
};

/// The file is a picture, or a document of so many pages.
struct Opened
{
    std::uint32_t pages = 1; ///< as the document says, at most 2^31-1
    bool document = false;

    friend bool operator==(const Opened &, const Opened &) = default;
};

/// All that there was to try on that page was tried; or it cannot be rendered.
struct PageDone
{
    std::uint32_t page = 0;
    bool read = true;

    friend bool operator==(const PageDone &, const PageDone &) = default;
};

struct Done
{
    std::uint32_t attempts = 0;

    friend bool operator==(const Done &, const Done &) = default;
};

/// The picture is none.
struct Unreadable
{
    std::string why;

    friend bool operator==(const Unreadable &, const Unreadable &) = default;
};

using Answer = std::variant<Begins, Found, Done, Unreadable, Opened, PageDone>;

base::Bytes encode(const ReadRequest &request);
base::Result<ReadRequest> decodeRequest(base::ByteView bytes);

base::Bytes encode(const Answer &answer);
/// Invalid for every byte string that encode() does not write.
base::Result<Answer> decodeAnswer(base::ByteView bytes);

} // namespace voelgoed::hal

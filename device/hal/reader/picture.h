#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"

#include <opencv2/core.hpp>

#include <memory>

namespace voelgoed::hal {

/// A file's pictures in grey: one of a PNG, JPEG or WebP, the pages of a PDF. Colours become the grey that shows most
/// (colours.h).
class Pictures
{
public:
    virtual ~Pictures() = default;

    /// As the file says: there may be fewer, or none.
    virtual int count() const = 0;
    /// Invalid when this one cannot be decoded, or would be larger than kPixelsMax.
    virtual base::Result<cv::Mat> at(int number) = 0;
    virtual bool isDocument() const = 0;
};

inline constexpr std::int64_t kPixelsMax = 80'000'000;
/// Of a PNG or JPEG; what has more than kPixelsMax is loaded at half its size.
inline constexpr std::int64_t kPixelsHalvedMax = 200'000'000;
/// Larger pictures are loaded in grey at once: colours take four times as much memory.
inline constexpr std::int64_t kColouredMax = 30'000'000;

enum class Size : std::uint8_t { Fits, Halved, TooLarge };
Size sizeOf(std::int64_t width, std::int64_t height);

/// Tells by the contents what it is. Unsupported when it is none of these. The bytes must outlive the pictures.
base::Result<std::unique_ptr<Pictures>> openPictures(base::ByteView file);

base::Result<cv::Mat> decodePng(base::ByteView file);
base::Result<cv::Mat> decodeJpeg(base::ByteView file);
base::Result<cv::Mat> decodeWebp(base::ByteView file);
base::Result<std::unique_ptr<Pictures>> openPdf(base::ByteView file);

/// Loads what rendering documents needs from files: to be called before files are out of reach.
void prepareDocuments();

} // namespace voelgoed::hal

#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"

#include <opencv2/core.hpp>

#include <memory>

namespace voelgoed::hal {

/// A file's pictures in grey: one of a PNG, JPEG or WebP, the pages of a PDF. Colours over a transparent ground are
/// seen on white.
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

/// Tells by the contents what it is. Unsupported when it is none of these. The bytes must outlive the pictures.
base::Result<std::unique_ptr<Pictures>> openPictures(base::ByteView file);

base::Result<cv::Mat> decodePng(base::ByteView file);
base::Result<cv::Mat> decodeJpeg(base::ByteView file);
base::Result<cv::Mat> decodeWebp(base::ByteView file);
base::Result<std::unique_ptr<Pictures>> openPdf(base::ByteView file);

/// Loads what rendering documents needs from files: to be called before files are out of reach.
void prepareDocuments();

} // namespace voelgoed::hal

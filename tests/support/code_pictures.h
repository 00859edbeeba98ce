#pragma once

#include "shared/base/bytes.h"

#include <opencv2/core.hpp>

#include <string>

namespace voelgoed::support {

/// Draws a barcode with libzint, black on white, a few pixels a module and with a quiet zone. `symbology` is one of
/// zint's BARCODE_ constants.
cv::Mat drawCode(int symbology, const std::string &contents, int pixelsPerModule = 4);

/// The same with what else a code can be.
struct CodeToDraw
{
    int symbology = 0;
    std::string contents;
    int mode = 0; ///< of zint's *_MODE constants; 0: bytes as they are
    int eci = 0;  ///< the character set that it says it has
    int part = 0; ///< of a set of codes (structured append), from 1; 0: a code of its own
    int parts = 0;
    int pixelsPerModule = 4;
};
cv::Mat drawCode(const CodeToDraw &code);

/// A picture as the bytes of a PNG file, and into a file.
base::Bytes asPng(const cv::Mat &picture);
void writeFile(const std::string &path, base::ByteView bytes);

// What happens to pictures on their way to a gate.
cv::Mat turned(const cv::Mat &picture, double degrees);
cv::Mat inverted(const cv::Mat &picture);
cv::Mat faded(const cv::Mat &picture, double contrast, double brightness);
cv::Mat blurred(const cv::Mat &picture, double sigma);
cv::Mat flipped(const cv::Mat &picture);
cv::Mat slanted(const cv::Mat &picture, double shear);
cv::Mat noisy(const cv::Mat &picture, double sigma);
cv::Mat withoutQuietZone(const cv::Mat &picture);
cv::Mat unevenlyLit(const cv::Mat &picture);
/// On a larger canvas of that grey, at that place.
cv::Mat placed(cv::Mat canvas, const cv::Mat &picture, cv::Point at);

} // namespace voelgoed::support

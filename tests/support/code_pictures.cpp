#include "tests/support/code_pictures.h"

#include "shared/base/ensure.h"

#include <opencv2/imgproc.hpp>
#include <png.h>
#include <zint.h>

#include <cmath>
#include <fstream>

namespace voelgoed::support {

cv::Mat drawCode(int symbology, const std::string &contents, int pixelsPerModule)
{
    return drawCode({.symbology = symbology, .contents = contents, .pixelsPerModule = pixelsPerModule});
}

cv::Mat drawCode(const CodeToDraw &code)
{
    const std::string &contents = code.contents;
    zint_symbol *symbol = ZBarcode_Create();
    symbol->symbology = code.symbology;
    symbol->scale = static_cast<float>(code.pixelsPerModule) / 2; // zint draws two pixels a module
    symbol->show_hrt = 0;
    symbol->input_mode = code.mode;
    symbol->eci = code.eci;
    symbol->structapp.index = code.part;
    symbol->structapp.count = code.parts;
    symbol->whitespace_width = 10;
    symbol->whitespace_height = 10;
    const int failed = ZBarcode_Encode_and_Buffer(symbol, reinterpret_cast<const unsigned char *>(contents.data()),
                                                  static_cast<int>(contents.size()), 0);
    base::ensure(failed < ZINT_ERROR, "zint draws the code");
    cv::Mat picture(symbol->bitmap_height, symbol->bitmap_width, CV_8U);
    for (int y = 0; y < picture.rows; ++y) {
        for (int x = 0; x < picture.cols; ++x)
            picture.at<uchar>(y, x) = symbol->bitmap[3 * (y * picture.cols + x)];
    }
    ZBarcode_Delete(symbol);
    return picture;
}

base::Bytes asPng(const cv::Mat &picture)
{
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(picture.cols);
    image.height = static_cast<png_uint_32>(picture.rows);
    image.format = PNG_FORMAT_GRAY;
    png_alloc_size_t size = 0;
    const auto stride = static_cast<png_int_32>(picture.step);
    png_image_write_to_memory(&image, nullptr, &size, 0, picture.data, stride, nullptr);
    base::Bytes bytes(size);
    base::ensure(png_image_write_to_memory(&image, bytes.data(), &size, 0, picture.data, stride, nullptr) != 0,
                 "a PNG");
    bytes.resize(size);
    return bytes;
}

void writeFile(const std::string &path, base::ByteView bytes)
{
    std::ofstream(path, std::ios::binary) << base::textOf(bytes);
}

cv::Mat turned(const cv::Mat &picture, double degrees)
{
    const double angle = degrees * CV_PI / 180;
    const double w = picture.cols, h = picture.rows;
    const cv::Size canvas(static_cast<int>(std::abs(w * std::cos(angle)) + std::abs(h * std::sin(angle))) + 1,
                          static_cast<int>(std::abs(w * std::sin(angle)) + std::abs(h * std::cos(angle))) + 1);
    cv::Mat turn = cv::getRotationMatrix2D(cv::Point2d(w / 2, h / 2), degrees, 1);
    turn.at<double>(0, 2) += (canvas.width - w) / 2;
    turn.at<double>(1, 2) += (canvas.height - h) / 2;
    cv::Mat result;
    cv::warpAffine(picture, result, turn, canvas, cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar(255));
    return result;
}

cv::Mat inverted(const cv::Mat &picture)
{
    return 255 - picture;
}

cv::Mat faded(const cv::Mat &picture, double contrast, double brightness)
{
    cv::Mat result;
    picture.convertTo(result, -1, contrast, brightness);
    return result;
}

cv::Mat blurred(const cv::Mat &picture, double sigma)
{
    cv::Mat result;
    cv::GaussianBlur(picture, result, cv::Size(), sigma);
    return result;
}

cv::Mat flipped(const cv::Mat &picture)
{
    cv::Mat result;
    cv::flip(picture, result, 1);
    return result;
}

cv::Mat slanted(const cv::Mat &picture, double shear)
{
    const cv::Mat skew = (cv::Mat_<double>(2, 3) << 1, shear, 0, 0, 1, 0);
    cv::Mat result;
    cv::warpAffine(picture, result, skew,
                   cv::Size(picture.cols + static_cast<int>(picture.rows * shear) + 1, picture.rows), cv::INTER_LINEAR,
                   cv::BORDER_CONSTANT, cv::Scalar(255));
    return result;
}

cv::Mat noisy(const cv::Mat &picture, double sigma)
{
    cv::RNG random(17);
    cv::Mat noise(picture.size(), CV_16S), sum;
    random.fill(noise, cv::RNG::NORMAL, 0, sigma);
    picture.convertTo(sum, CV_16S);
    sum += noise;
    cv::Mat result;
    sum.convertTo(result, CV_8U);
    return result;
}

cv::Mat withoutQuietZone(const cv::Mat &picture)
{
    cv::Mat dark;
    cv::threshold(picture, dark, 127, 255, cv::THRESH_BINARY_INV);
    return picture(cv::boundingRect(dark)).clone();
}

cv::Mat unevenlyLit(const cv::Mat &picture)
{
    cv::Mat result = picture.clone();
    for (int y = 0; y < result.rows; ++y) {
        for (int x = 0; x < result.cols; ++x)
            result.at<uchar>(y, x) = static_cast<uchar>(result.at<uchar>(y, x) * (0.3 + 0.7 * x / result.cols));
    }
    return result;
}

cv::Mat placed(cv::Mat canvas, const cv::Mat &picture, cv::Point at)
{
    picture.copyTo(canvas(cv::Rect(at, picture.size())));
    return canvas;
}

} // namespace voelgoed::support

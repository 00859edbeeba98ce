#include "device/hal/reader/picture.h"

#include "device/hal/reader/message.h"

#include <jpeglib.h>
#include <opencv2/imgproc.hpp>
#include <png.h>
#include <webp/decode.h>

#include <csetjmp>
#include <cstdio>

namespace voelgoed::hal {

using base::ByteView;
using base::Result;

namespace {

base::Error broken(const char *kind, const std::string &why)
{
    return base::invalid(std::string("not a ") + kind + " picture that can be read: " + why);
}

bool isTooLarge(std::int64_t width, std::int64_t height)
{
    return width < 1 || height < 1 || width > kSideMax || height > kSideMax || width * height > kPixelsMax;
}

class OnePicture final : public Pictures
{
public:
    explicit OnePicture(cv::Mat pixels) : m_pixels(std::move(pixels)) {}

    int count() const override { return 1; }
    Result<cv::Mat> at(int) override { return m_pixels; }
    bool isDocument() const override { return false; }

private:
    cv::Mat m_pixels;
};

/// libjpeg reports errors by a call that must not return.
struct JpegErrors
{
    jpeg_error_mgr manager;
    std::jmp_buf jump;
    char message[JMSG_LENGTH_MAX] = {};

    static void leave(j_common_ptr info)
    {
        auto *self = reinterpret_cast<JpegErrors *>(info->err);
        info->err->format_message(info, self->message);
        std::longjmp(self->jump, 1);
    }
    static void ignore(j_common_ptr) {}
};

} // namespace

Result<cv::Mat> decodePng(ByteView file)
{
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0)
        return broken("PNG", image.message);
    if (isTooLarge(image.width, image.height)) {
        png_image_free(&image);
        return broken("PNG", "too large");
    }
    image.format = PNG_FORMAT_GRAY;
    cv::Mat pixels(static_cast<int>(image.height), static_cast<int>(image.width), CV_8U);
    const png_color white{255, 255, 255};
    if (png_image_finish_read(&image, &white, pixels.data, static_cast<png_int_32>(pixels.step), nullptr) == 0)
        return broken("PNG", image.message);
    return pixels;
}

Result<cv::Mat> decodeJpeg(ByteView file)
{
    jpeg_decompress_struct info{};
    JpegErrors errors{};
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = JpegErrors::leave;
    errors.manager.output_message = JpegErrors::ignore;
    cv::Mat pixels;
    if (setjmp(errors.jump) != 0) {
        jpeg_destroy_decompress(&info);
        return broken("JPEG", errors.message);
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char *>(file.data()), file.size());
    jpeg_read_header(&info, TRUE);
    if (isTooLarge(info.image_width, info.image_height)) {
        jpeg_destroy_decompress(&info);
        return broken("JPEG", "too large");
    }
    const bool fourInks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    info.out_color_space = fourInks ? JCS_CMYK : JCS_GRAYSCALE;
    jpeg_start_decompress(&info);
    pixels.create(static_cast<int>(info.output_height), static_cast<int>(info.output_width),
                  fourInks ? CV_8UC4 : CV_8U);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = pixels.ptr(static_cast<int>(info.output_scanline));
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    if (fourInks) // Adobe writes inks inverted: the black one is the picture's lightness
        cv::extractChannel(pixels, pixels, 3);
    return pixels;
}

Result<cv::Mat> decodeWebp(ByteView file)
{
    const auto *data = reinterpret_cast<const std::uint8_t *>(file.data());
    WebPBitstreamFeatures features{};
    if (WebPGetFeatures(data, file.size(), &features) != VP8_STATUS_OK)
        return broken("WebP", "its header");
    if (isTooLarge(features.width, features.height))
        return broken("WebP", "too large");
    cv::Mat colours(features.height, features.width, CV_8UC4);
    if (!WebPDecodeBGRAInto(data, file.size(), colours.data, colours.total() * colours.elemSize(),
                            static_cast<int>(colours.step)))
        return broken("WebP", "its contents");
    cv::Mat pixels;
    if (features.has_alpha != 0) {
        colours.forEach<cv::Vec4b>([](cv::Vec4b &p, const int *) {
            for (int i = 0; i < 3; ++i)
                p[i] = static_cast<uchar>((p[i] * p[3] + 255 * (255 - p[3])) / 255);
        });
    }
    cv::cvtColor(colours, pixels, cv::COLOR_BGRA2GRAY);
    return pixels;
}

Result<std::unique_ptr<Pictures>> openPictures(ByteView file)
{
    const auto startsWith = [&](std::string_view magic, std::size_t at = 0) {
        return file.size() >= at + magic.size() && base::textOf(file.subspan(at, magic.size())) == magic;
    };
    Result<cv::Mat> pixels = base::unsupported("not a PNG, JPEG, WebP or PDF");
    if (startsWith("\x89PNG"))
        pixels = decodePng(file);
    else if (startsWith("\xff\xd8\xff"))
        pixels = decodeJpeg(file);
    else if (startsWith("RIFF") && startsWith("WEBP", 8))
        pixels = decodeWebp(file);
    else if (base::textOf(file.first(std::min<std::size_t>(file.size(), 1024))).find("%PDF-") != std::string_view::npos)
        return openPdf(file);
    if (!pixels)
        return pixels.error();
    return std::unique_ptr<Pictures>(std::make_unique<OnePicture>(std::move(*pixels)));
}

} // namespace voelgoed::hal

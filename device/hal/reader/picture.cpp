#include "device/hal/reader/picture.h"

#include "device/hal/reader/colours.h"
#include "device/hal/reader/message.h"

#include <jpeglib.h>
#include <opencv2/imgproc.hpp>
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

enum class Inks : std::uint8_t {
    AsTheyAre,
    Inverted ///< 255 is none, as Adobe writes them
};

/// What cyan, magenta, yellow and black look like on paper.
cv::Mat printed(cv::Mat inks, Inks how)
{
    if (how == Inks::AsTheyAre)
        cv::bitwise_not(inks, inks);
    cv::Mat colours(inks.size(), CV_8UC3);
    for (int y = 0; y < inks.rows; ++y) {
        const auto *from = inks.ptr<cv::Vec4b>(y);
        auto *to = colours.ptr<cv::Vec3b>(y);
        for (int x = 0; x < inks.cols; ++x) {
            for (int i = 0; i < 3; ++i) // cyan takes red away
                to[x][2 - i] = static_cast<uchar>(from[x][i] * from[x][3] / 255);
        }
    }
    return colours;
}

} // namespace

Size sizeOf(std::int64_t width, std::int64_t height)
{
    if (width < 1 || height < 1 || width > kSideMax || height > kSideMax || width * height > kPixelsHalvedMax)
        return Size::TooLarge;
    return width * height > kPixelsMax ? Size::Halved : Size::Fits;
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
    const Size size = sizeOf(info.image_width, info.image_height);
    if (size == Size::TooLarge) {
        jpeg_destroy_decompress(&info);
        return broken("JPEG", "too large");
    }
    if (size == Size::Halved)
        info.scale_denom = 2;
    const bool fourInks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    const bool coloured =
        !fourInks && info.num_components == 3 && std::int64_t{info.image_width} * info.image_height <= kColouredMax;
    info.out_color_space = fourInks ? JCS_CMYK : coloured ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_start_decompress(&info);
    pixels.create(static_cast<int>(info.output_height), static_cast<int>(info.output_width),
                  fourInks   ? CV_8UC4
                  : coloured ? CV_8UC3
                             : CV_8U);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = pixels.ptr(static_cast<int>(info.output_scanline));
        jpeg_read_scanlines(&info, &row, 1);
    }
    const Inks inks = info.saw_Adobe_marker != 0 ? Inks::Inverted : Inks::AsTheyAre;
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    if (fourInks)
        return greyOf(printed(pixels, inks));
    if (!coloured)
        return pixels;
    cv::cvtColor(pixels, pixels, cv::COLOR_RGB2BGR);
    return greyOf(pixels);
}

Result<cv::Mat> decodeWebp(ByteView file)
{
    const auto *data = reinterpret_cast<const std::uint8_t *>(file.data());
    WebPBitstreamFeatures features{};
    if (WebPGetFeatures(data, file.size(), &features) != VP8_STATUS_OK)
        return broken("WebP", "its header");
    if (sizeOf(features.width, features.height) != Size::Fits)
        return broken("WebP", "too large");
    cv::Mat colours(features.height, features.width, CV_8UC4);
    if (!WebPDecodeBGRAInto(data, file.size(), colours.data, colours.total() * colours.elemSize(),
                            static_cast<int>(colours.step)))
        return broken("WebP", "its contents");
    return greyOf(colours);
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

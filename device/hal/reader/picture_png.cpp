#include "device/hal/reader/colours.h"
#include "device/hal/reader/picture.h"

#include <png.h>

#include <csetjmp>
#include <cstring>

namespace voelgoed::hal {

using base::ByteView;
using base::Result;

namespace {

base::Error broken(const std::string &why)
{
    return base::invalid("not a PNG picture that can be read: " + why);
}

/// libpng reports errors by a call that must not return.
struct Source
{
    ByteView left;
    std::jmp_buf jump;
    std::string message;

    static void read(png_structp png, png_bytep to, std::size_t size)
    {
        auto *self = static_cast<Source *>(png_get_io_ptr(png));
        if (size > self->left.size())
            png_error(png, "cut off");
        std::memcpy(to, self->left.data(), size);
        self->left = self->left.subspan(size);
    }
    static void leave(png_structp png, png_const_charp message)
    {
        auto *self = static_cast<Source *>(png_get_error_ptr(png));
        self->message = message;
        std::longjmp(self->jump, 1);
    }
    static void ignore(png_structp, png_const_charp) {}
};

/// Adds rows of grey up to `step` times `step` pixels each and takes their mean.
class Shrink
{
public:
    Shrink(cv::Size whole, int step)
        : m_pixels(whole.height / step, whole.width / step, CV_8U, cv::Scalar(255)),
          m_sums(static_cast<std::size_t>(m_pixels.cols)),
          m_step(step)
    {}

    void add(const png_byte *row)
    {
        for (std::size_t x = 0; x < m_sums.size(); ++x) {
            for (int k = 0; k < m_step; ++k)
                m_sums[x] += row[x * static_cast<std::size_t>(m_step) + static_cast<std::size_t>(k)];
        }
        if (++m_rows % m_step != 0)
            return;
        if (const int y = m_rows / m_step - 1; y < m_pixels.rows) {
            for (std::size_t x = 0; x < m_sums.size(); ++x)
                m_pixels.at<uchar>(y, static_cast<int>(x)) = static_cast<uchar>(m_sums[x] / (m_step * m_step));
        }
        std::fill(m_sums.begin(), m_sums.end(), 0);
    }

    const cv::Mat &pixels() const { return m_pixels; }

private:
    cv::Mat m_pixels;
    std::vector<int> m_sums;
    int m_step;
    int m_rows = 0;
};

/// A picture that is too large to be held, at half its size.
Result<cv::Mat> decodeHuge(ByteView file, cv::Size size)
{
    constexpr int kStep = 2;
    Source source{.left = file, .jump = {}, .message = {}};
    Shrink shrink(size, kStep);
    std::vector<png_byte> row(static_cast<std::size_t>(size.width));
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, Source::leave, Source::ignore);
    png_infop info = png_create_info_struct(png);
    if (setjmp(source.jump) != 0) {
        png_destroy_read_struct(&png, &info, nullptr);
        return broken(source.message);
    }
    png_set_read_fn(png, &source, Source::read);
    png_read_info(png, info);
    if (png_get_interlace_type(png, info) != PNG_INTERLACE_NONE)
        png_error(png, "too large");
    png_color_16 white{.index = 0, .red = 255, .green = 255, .blue = 255, .gray = 255};
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_background(png, &white, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1);
    if ((png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR) != 0)
        png_set_rgb_to_gray(png, PNG_ERROR_ACTION_NONE, PNG_RGB_TO_GRAY_DEFAULT, PNG_RGB_TO_GRAY_DEFAULT);
    png_set_strip_alpha(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != static_cast<std::size_t>(size.width))
        png_error(png, "its colours");
    for (int y = 0; y < size.height; ++y) {
        png_read_row(png, row.data(), nullptr);
        shrink.add(row.data());
    }
    png_destroy_read_struct(&png, &info, nullptr);
    return shrink.pixels();
}

} // namespace

Result<cv::Mat> decodePng(ByteView file)
{
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0)
        return broken(image.message);
    const Size size = sizeOf(image.width, image.height);
    if (size != Size::Fits)
        png_image_free(&image);
    if (size == Size::TooLarge)
        return broken("too large");
    if (size == Size::Halved)
        return decodeHuge(file, cv::Size(static_cast<int>(image.width), static_cast<int>(image.height)));
    const bool coloured = (image.format & (PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)) != 0 &&
                          std::int64_t{image.width} * image.height <= kColouredMax;
    image.format = coloured ? PNG_FORMAT_BGRA : PNG_FORMAT_GRAY;
    cv::Mat pixels(static_cast<int>(image.height), static_cast<int>(image.width), coloured ? CV_8UC4 : CV_8U);
    const png_color white{255, 255, 255};
    if (png_image_finish_read(&image, &white, pixels.data, static_cast<png_int_32>(pixels.step), nullptr) == 0)
        return broken(image.message);
    return coloured ? greyOf(pixels) : pixels;
}

} // namespace voelgoed::hal

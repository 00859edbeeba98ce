#include "tests/support/picture_files.h"

#include "shared/base/ensure.h"

#include <cstdio> // jpeglib.h wants FILE

#include <jpeglib.h>
#include <opencv2/imgproc.hpp>
#include <webp/encode.h>
#include <zlib.h>

#include <array>
#include <cstdlib>

namespace voelgoed::support {

namespace {

constexpr int kQuality = 85;

void append(base::Bytes &bytes, const void *data, std::size_t size)
{
    const auto *first = static_cast<const std::byte *>(data);
    bytes.insert(bytes.end(), first, first + size);
}

std::array<std::byte, 4> bigEndian(std::uint32_t number)
{
    return {std::byte(number >> 24), std::byte(number >> 16 & 0xFF), std::byte(number >> 8 & 0xFF),
            std::byte(number & 0xFF)};
}

constexpr std::string_view kPngMagic = "\x89PNG\r\n\x1a\n";

/// PNG (ISO/IEC 15948), 5.3: length, type, data, CRC-32 of type and data.
void appendChunk(base::Bytes &bytes, const char *type, const base::Bytes &data)
{
    append(bytes, bigEndian(static_cast<std::uint32_t>(data.size())).data(), 4);
    const std::size_t checked = bytes.size();
    append(bytes, type, 4);
    append(bytes, data.data(), data.size());
    const auto check =
        ::crc32(0, reinterpret_cast<const Bytef *>(bytes.data() + checked), static_cast<uInt>(bytes.size() - checked));
    append(bytes, bigEndian(static_cast<std::uint32_t>(check)).data(), 4);
}

/// 11.2.2: the data of IHDR.
base::Bytes pngSize(const PngOfZeros &png)
{
    base::Bytes data;
    for (const std::uint32_t side : {png.width, png.height})
        append(data, bigEndian(side).data(), 4);
    for (const int byte : {png.bits, png.colours, 0, 0, png.interlaced ? 1 : 0})
        data.push_back(static_cast<std::byte>(byte));
    return data;
}

base::Bytes packedZeros(std::size_t size)
{
    const base::Bytes zeros(size);
    uLongf length = ::compressBound(size);
    base::Bytes packed(length);
    base::ensure(::compress2(reinterpret_cast<Bytef *>(packed.data()), &length,
                             reinterpret_cast<const Bytef *>(zeros.data()), size, 1) == Z_OK,
                 "zlib packs it");
    packed.resize(length);
    return packed;
}

base::Bytes compressed(const cv::Mat &picture, J_COLOR_SPACE colours)
{
    jpeg_compress_struct info{};
    jpeg_error_mgr errors{};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char *out = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &out, &size);
    info.image_width = static_cast<JDIMENSION>(picture.cols);
    info.image_height = static_cast<JDIMENSION>(picture.rows);
    info.input_components = picture.channels();
    info.in_color_space = colours;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, kQuality, TRUE);
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = const_cast<JSAMPROW>(picture.ptr(static_cast<int>(info.next_scanline)));
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    base::Bytes bytes;
    append(bytes, out, size);
    std::free(out);
    return bytes;
}

} // namespace

base::Bytes asJpeg(const cv::Mat &picture)
{
    base::ensure(picture.type() == CV_8U, "a grey picture");
    return compressed(picture, JCS_GRAYSCALE);
}

base::Bytes asPrintedJpeg(const cv::Mat &inks)
{
    base::ensure(inks.type() == CV_8UC4, "four inks");
    return compressed(inks, JCS_CMYK);
}

base::Bytes asWebp(const cv::Mat &picture)
{
    base::ensure(picture.type() == CV_8U, "a grey picture");
    cv::Mat colours(picture.rows, picture.cols, CV_8UC3);
    for (int y = 0; y < picture.rows; ++y) {
        for (int x = 0; x < picture.cols; ++x)
            colours.at<cv::Vec3b>(y, x) = cv::Vec3b::all(picture.at<unsigned char>(y, x));
    }
    std::uint8_t *out = nullptr;
    const std::size_t size =
        WebPEncodeRGB(colours.data, colours.cols, colours.rows, static_cast<int>(colours.step), kQuality, &out);
    base::Bytes bytes;
    append(bytes, out, size);
    WebPFree(out);
    return bytes;
}

base::Bytes asLosslessWebp(const cv::Mat &picture)
{
    base::ensure(picture.type() == CV_8U, "a grey picture");
    cv::Mat colours;
    cv::cvtColor(picture, colours, cv::COLOR_GRAY2RGB);
    std::uint8_t *out = nullptr;
    const std::size_t size =
        WebPEncodeLosslessRGB(colours.data, colours.cols, colours.rows, static_cast<int>(colours.step), &out);
    base::Bytes bytes;
    append(bytes, out, size);
    WebPFree(out);
    return bytes;
}

base::Bytes pngHeader(std::uint32_t width, std::uint32_t height)
{
    base::Bytes bytes;
    append(bytes, kPngMagic.data(), kPngMagic.size());
    appendChunk(bytes, "IHDR", pngSize({.width = width, .height = height}));
    return bytes;
}

base::Bytes pngOf(const PngOfZeros &png)
{
    base::Bytes bytes;
    append(bytes, kPngMagic.data(), kPngMagic.size());
    appendChunk(bytes, "IHDR", pngSize(png));
    if (png.profile > 0) {
        base::Bytes profile;
        append(profile, "zeros\0\0", 7);
        const base::Bytes packed = packedZeros(png.profile);
        append(profile, packed.data(), packed.size());
        appendChunk(bytes, "iCCP", profile);
    }
    constexpr std::array kSamples{1U, 0U, 3U, 1U, 2U, 0U, 4U};
    const std::size_t row = 1 + std::size_t{png.width} * kSamples.at(static_cast<std::size_t>(png.colours)) *
                                    static_cast<unsigned>(png.bits) / 8;
    // Interlaced, it has a few more rows' beginnings: what is too much is not looked at.
    appendChunk(bytes, "IDAT", packedZeros((row + 8) * png.height));
    appendChunk(bytes, "IEND", {});
    return bytes;
}

} // namespace voelgoed::support

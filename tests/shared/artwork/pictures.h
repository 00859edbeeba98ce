#pragma once

#include "shared/artwork/ticket_art.h"

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>
#include <cairo.h>
#include <poppler-document.h>
#include <poppler-page-renderer.h>
#include <poppler-page.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

/// Looks at drawn tickets with other people's eyes: cairo's PNG reader, Poppler and ZXing.
namespace voelgoed::artwork::pictures {

struct Grey
{
    int width = 0;
    int height = 0;
    std::vector<unsigned char> pixels; ///< row by row, 0 is black

    unsigned char at(int x, int y) const { return pixels[static_cast<std::size_t>(y * width + x)]; }

    bool isWhite(int left, int top, int right, int bottom) const
    {
        for (int y = top; y < bottom; ++y) {
            for (int x = left; x < right; ++x) {
                if (at(x, y) != 255)
                    return false;
            }
        }
        return true;
    }

    friend bool operator==(const Grey &, const Grey &) = default;
};

/// Of four bytes a pixel, blue first; nothing that is drawn has a colour.
inline Grey greyOf(const unsigned char *data, int width, int height, int stride)
{
    Grey grey{width, height, {}};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x)
            grey.pixels.push_back(data[y * stride + x * 4 + 1]);
    }
    return grey;
}

inline Grey fromPng(const base::Bytes &png)
{
    base::ByteView rest = png;
    const auto read = [](void *closure, unsigned char *out, unsigned size) {
        auto &left = *static_cast<base::ByteView *>(closure);
        if (size > left.size())
            return CAIRO_STATUS_READ_ERROR;
        std::memcpy(out, left.data(), size);
        left = left.subspan(size);
        return CAIRO_STATUS_SUCCESS;
    };
    cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(read, &rest);
    Grey grey;
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        grey = greyOf(cairo_image_surface_get_data(surface), cairo_image_surface_get_width(surface),
                      cairo_image_surface_get_height(surface), cairo_image_surface_get_stride(surface));
    cairo_surface_destroy(surface);
    return grey;
}

/// Each page at 150 dpi, as a printer's driver would see it.
inline std::vector<Grey> fromPdf(const base::Bytes &pdf)
{
    std::vector<Grey> pages;
    const std::unique_ptr<poppler::document> document(poppler::document::load_from_raw_data(
        reinterpret_cast<const char *>(pdf.data()), static_cast<int>(pdf.size())));
    if (!document)
        return pages;
    poppler::page_renderer renderer;
    renderer.set_image_format(poppler::image::format_argb32);
    renderer.set_render_hints(poppler::page_renderer::antialiasing | poppler::page_renderer::text_antialiasing);
    for (int i = 0; i < document->pages(); ++i) {
        const std::unique_ptr<poppler::page> page(document->create_page(i));
        const poppler::image image = renderer.render_page(page.get(), 150, 150);
        pages.push_back(greyOf(reinterpret_cast<const unsigned char *>(image.const_data()), image.width(),
                               image.height(), image.bytes_per_row()));
    }
    return pages;
}

inline ZXing::Result read(const Grey &grey)
{
    ZXing::DecodeHints hints;
    hints.setFormats(ZXing::BarcodeFormat::QRCode);
    return ZXing::ReadBarcode({grey.pixels.data(), grey.width, grey.height, ZXing::ImageFormat::Lum}, hints);
}

/// The content of the one code in the picture, byte for byte; empty when there is none that can be read.
inline std::string codeIn(const Grey &grey)
{
    const auto result = read(grey);
    if (!result.isValid())
        return {};
    return {result.bytes().begin(), result.bytes().end()};
}

} // namespace voelgoed::artwork::pictures

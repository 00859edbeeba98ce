#include "device/hal/reader/message.h"
#include "device/hal/reader/picture.h"

#include <opencv2/imgproc.hpp>
#include <poppler/cpp/poppler-document.h>
#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-page-renderer.h>
#include <poppler/cpp/poppler-page.h>

#include <algorithm>

namespace voelgoed::hal {

using base::Result;

namespace {

constexpr double kDotsPerInch = 150;
constexpr double kPageSideMax = 2'400; ///< pixels; larger pages are rendered coarser

/// A page with a line of text: rendering it makes the font library look for its files while they can be opened.
constexpr std::string_view kSample =
    "%PDF-1.1\n"
    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 30]/Contents 4 0 R/Resources"
    "<</Font<</F 5 0 R>>>>>>endobj\n"
    "4 0 obj<</Length 33>>stream\nBT /F 9 Tf 5 5 Td (Ticket) Tj ET \nendstream endobj\n"
    "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    "trailer<</Root 1 0 R>>\n%%EOF\n";

class Document final : public Pictures
{
public:
    explicit Document(std::unique_ptr<poppler::document> document) : m_document(std::move(document)) {}

    int count() const override { return m_document->pages(); }
    bool isDocument() const override { return true; }

    Result<cv::Mat> at(int number) override
    {
        const std::unique_ptr<poppler::page> page(m_document->create_page(number));
        if (!page)
            return base::invalid("page " + std::to_string(number + 1) + " cannot be read");
        const poppler::rectf size = page->page_rect();
        const double longer = std::max({size.width(), size.height(), 1.0});
        const double dots = std::min(kDotsPerInch, kPageSideMax / longer * 72);
        poppler::page_renderer renderer;
        renderer.set_image_format(poppler::image::format_gray8);
        renderer.set_render_hint(poppler::page_renderer::antialiasing);
        renderer.set_render_hint(poppler::page_renderer::text_antialiasing);
        poppler::image image = renderer.render_page(page.get(), dots, dots);
        if (!image.is_valid() || image.width() < 1 || image.height() < 1 ||
            std::int64_t{image.width()} * image.height() > kPixelsMax)
            return base::invalid("page " + std::to_string(number + 1) + " cannot be rendered");
        return cv::Mat(image.height(), image.width(), CV_8U, image.data(),
                       static_cast<std::size_t>(image.bytes_per_row()))
            .clone();
    }

private:
    std::unique_ptr<poppler::document> m_document;
};

} // namespace

Result<std::unique_ptr<Pictures>> openPdf(base::ByteView file)
{
    poppler::set_debug_error_function([](const std::string &, void *) {}, nullptr);
    const auto size = static_cast<int>(std::min<std::size_t>(file.size(), INT32_MAX));
    std::unique_ptr<poppler::document> document(
        poppler::document::load_from_raw_data(reinterpret_cast<const char *>(file.data()), size));
    if (!document)
        return base::invalid("not a PDF that can be read");
    if (document->is_locked())
        return base::invalid("the PDF is locked with a password");
    if (document->pages() < 1) // also where there are fewer than it says
        return base::invalid("a PDF without pages, or with a wrong number of them");
    return std::unique_ptr<Pictures>(std::make_unique<Document>(std::move(document)));
}

void prepareDocuments()
{
    auto sample = openPdf(base::bytesOf(kSample));
    if (sample)
        (void)(*sample)->at(0);
}

} // namespace voelgoed::hal

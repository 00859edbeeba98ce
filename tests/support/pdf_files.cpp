#include "tests/support/pdf_files.h"

#include "shared/artwork/qr_symbol.h"
#include "shared/base/ensure.h"

#include <zlib.h>

namespace voelgoed::support {

namespace {

constexpr int kForms = 12; ///< each draws the next one ten times

std::string object(std::size_t number, const std::string &contents)
{
    return std::to_string(number) + " 0 obj" + contents + "endobj\n";
}

std::string stream(const std::string &entries, const std::string &bytes)
{
    return "<<" + entries + "/Length " + std::to_string(bytes.size()) + ">>stream\n" + bytes + "\nendstream ";
}

std::string formName(int level)
{
    return "/Form" + std::to_string(level);
}

/// Objects from `first` on: the forms of endlessPage().
std::string forms(std::size_t first)
{
    std::string all;
    for (int level = 0; level < kForms; ++level) {
        const bool last = level + 1 == kForms;
        std::string inside, resources;
        for (int i = 0; i < 10; ++i)
            inside += last ? "0 0 m 200 200 l S\n" : formName(level + 1) + " Do\n";
        if (!last)
            resources = "/Resources<</XObject<<" + formName(level + 1) + " " +
                        std::to_string(first + static_cast<std::size_t>(level) + 1) + " 0 R>>>>";
        all += object(first + static_cast<std::size_t>(level),
                      stream("/Type/XObject/Subtype/Form/BBox[0 0 200 200]" + resources, inside));
    }
    return all;
}

std::string documentOf(const std::vector<std::string> &streams, int claimed)
{
    constexpr std::size_t kFirstPage = 3;
    const std::size_t firstForm = kFirstPage + 2 * streams.size();
    std::string kids, pages;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        const std::size_t number = kFirstPage + 2 * i;
        kids += std::to_string(number) + " 0 R ";
        pages += object(number, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents " +
                                    std::to_string(number + 1) + " 0 R/Resources<</XObject<<" + formName(0) + " " +
                                    std::to_string(firstForm) + " 0 R>>>>>>");
        pages += object(number + 1, streams[i]);
    }
    return "%PDF-1.4\n" + object(1, "<</Type/Catalog/Pages 2 0 R>>") +
           object(2, "<</Type/Pages/Kids[" + kids + "]/Count " + std::to_string(claimed) + ">>") + pages +
           forms(firstForm) + "trailer<</Root 1 0 R>>\n%%EOF\n";
}

} // namespace

PdfPage pageWithCode(const std::string &contents)
{
    const auto symbol = artwork::qrSymbol(contents);
    base::ensure(static_cast<bool>(symbol), "a QR code");
    std::string page = "20 180 m\n";
    const double module = 160.0 / static_cast<double>(symbol->width);
    for (std::size_t y = 0; y < symbol->width; ++y) {
        for (std::size_t x = 0; x < symbol->width; ++x) {
            if (symbol->isDark(x, y))
                page += std::to_string(20 + static_cast<double>(x) * module) + " " +
                        std::to_string(180 - static_cast<double>(y + 1) * module) + " " + std::to_string(module) + " " +
                        std::to_string(module) + " re\n";
        }
    }
    return page + "f\n";
}

PdfPage endlessPage()
{
    return formName(0) + " Do\n";
}

std::string pdfOf(const std::vector<PdfPage> &pages)
{
    std::vector<std::string> streams;
    for (const PdfPage &page : pages)
        streams.push_back(stream({}, page));
    return documentOf(streams, static_cast<int>(pages.size()));
}

std::string pdfOfInflatedPage(const Inflated &size)
{
    const std::string piece = "0 0 m 200 200 l S\n";
    std::string content;
    while (content.size() < size.bytes)
        content += piece;
    uLongf length = ::compressBound(content.size());
    std::string packed(length, '\0');
    base::ensure(::compress2(reinterpret_cast<Bytef *>(packed.data()), &length,
                             reinterpret_cast<const Bytef *>(content.data()), content.size(), 9) == Z_OK,
                 "zlib packs it");
    packed.resize(length);
    return documentOf({stream("/Filter/FlateDecode", packed)}, 1);
}

std::string pdfThatClaims(int pages, const PdfPage &page)
{
    return documentOf({stream({}, page)}, pages);
}

} // namespace voelgoed::support

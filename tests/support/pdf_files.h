#pragma once

#include <string>
#include <vector>

/// Small PDF documents, made by hand: good ones and others.
namespace voelgoed::support {

/// What a page shows, in the language of content streams (ISO 32000-1, annex A). The page is 200 by 200 points.
using PdfPage = std::string;

/// A page with a QR code.
PdfPage pageWithCode(const std::string &contents);
/// A page that draws 10^12 lines, by forms that draw others. Small as a file.
PdfPage endlessPage();
/// A page whose content is compressed and so long, in bytes, when it is not.
struct Inflated
{
    std::size_t bytes = 0;
};
std::string pdfOf(const std::vector<PdfPage> &pages);
std::string pdfOfInflatedPage(const Inflated &size);
/// A document that says that it has so many pages, and has one.
std::string pdfThatClaims(int pages, const PdfPage &page);

} // namespace voelgoed::support

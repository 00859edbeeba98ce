#include "server/slices/ticketing/import/file_kind.h"

#include "server/slices/ticketing/import/clean.h"

#include <array>

namespace voelgoed::ticketing::import {

namespace {

using namespace std::string_view_literals;

struct Other
{
    std::string_view start;
    const char *what;
    const char *instead;
};

const char kSaveAs[] = "Open it and save the sheet with the guests as CSV.";
const char kPdf[] =
    "A PDF's codes are drawn, not written. Export the list as CSV, with the column that holds the codes.";
const char kUnpack[] = "Unpack it, and import the CSV inside.";

constexpr std::array kOthers{
    Other{"PK\x03\x04"sv, "a spreadsheet (.xlsx, .ods) or an archive", kSaveAs},
    Other{"\xD0\xCF\x11\xE0"sv, "an old spreadsheet (.xls)", kSaveAs},
    Other{"%PDF-"sv, "a PDF", kPdf},
    Other{"\x89PNG"sv, "a picture", kPdf},
    Other{"\xFF\xD8\xFF"sv, "a picture", kPdf},
    Other{"\x1F\x8B"sv, "compressed", kUnpack},
    Other{"{\\rtf"sv, "a text document", kSaveAs},
};

constexpr std::array kPages{"<html"sv, "<!doctype"sv, "<table"sv, "<?xml"sv, "<meta"sv};

} // namespace

base::Result<FileKind> fileKind(std::string_view bytes)
{
    constexpr std::size_t kLookedAt = 256;
    for (const Other &other : kOthers) {
        if (bytes.starts_with(other.start))
            return base::unsupported(std::string("the file is no CSV: it is ") + other.what, other.instead);
    }
    std::string_view text = bytes.substr(0, kLookedAt);
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    for (const std::string_view page : kPages) {
        if (folded(text.substr(0, page.size())) == page)
            return base::unsupported("the file is no CSV: it is a web page or XML, whatever its name says", kSaveAs);
    }
    const bool json = !text.empty() && (text.front() == '{' || text.front() == '[');
    return json ? FileKind::Json : FileKind::Table;
}

} // namespace voelgoed::ticketing::import

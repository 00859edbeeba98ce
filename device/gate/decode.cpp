#include "device/gate/decode.h"

#include "shared/base/json.h"
#include "shared/base/text.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <ostream>

namespace voelgoed::gate {

namespace {

constexpr std::size_t kProblemMax = 600;

boost::json::array jsonOf(const std::vector<hal::ReadCode> &codes)
{
    boost::json::array list;
    for (const hal::ReadCode &code : codes) {
        boost::json::object json{
            {"format", hal::nameOf(code.symbology)}, {"text", code.text}, {"hex", base::toHex(code.content)}};
        if (code.page > 0)
            json["page"] = code.page;
        if (code.partial)
            json["partial"] = true;
        list.push_back(std::move(json));
    }
    return list;
}

boost::json::array jsonOf(const std::vector<hal::PageRange> &pages)
{
    boost::json::array list;
    for (const hal::PageRange &range : pages)
        list.push_back(boost::json::array{range.first, range.last});
    return list;
}

/// A file's name may be any bytes, JSON holds UTF-8.
std::string nameFor(const std::string &file)
{
    return base::isUtf8(file) ? file : base::printable(file, 4096);
}

} // namespace

int decode(hal::BarcodeReader &reader, const std::vector<std::string> &files, std::ostream &out, std::ostream &err)
{
    int status = 0;
    for (const std::string &file : files) {
        boost::json::object line{{"file", nameFor(file)}, {"codes", boost::json::array()}};
        const auto started = reader.startFile(file);
        auto reading = started ? reader.wait() : base::Result<hal::Reading>(started.error());
        std::string problem;
        if (!reading)
            problem = base::printable(reading.error().message, kProblemMax);
        else if (line["codes"] = jsonOf(reading->codes); !reading->shortfall.empty())
            problem = base::printable(file + ": " + reading->shortfall, kProblemMax);
        if (reading && !reading->unread.empty())
            line["unread_pages"] = jsonOf(reading->unread);
        if (!problem.empty()) {
            line["error"] = problem;
            err << "error: " << problem << "\n";
            status = 1;
        }
        out << base::toText(line) << "\n" << std::flush;
    }
    return status;
}

} // namespace voelgoed::gate

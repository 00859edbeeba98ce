#include "device/gate/decode.h"

#include "shared/base/json.h"
#include "shared/base/text.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <ostream>

namespace voelgoed::gate {

namespace {

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
        if (reading) {
            line["codes"] = jsonOf(reading->codes);
        } else {
            line["error"] = base::printable(reading.error().message, 600);
            err << "error: " << base::printable(reading.error().message, 600) << "\n";
            status = 1;
        }
        out << base::toText(line) << "\n" << std::flush;
    }
    return status;
}

} // namespace voelgoed::gate

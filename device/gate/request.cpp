#include "device/gate/request.h"

#include "shared/base/json_reader.h"

#include <boost/json/object.hpp>

namespace voelgoed::gate {

namespace {

struct Print
{
    boost::json::object operator()(const StatusRequest &request) const
    {
        return {{"verb", "status"}, {"json", request.style == Style::Json}};
    }
    boost::json::object operator()(const ExportRequest &) const { return {{"verb", "export"}}; }
    boost::json::object operator()(const WhyRequest &request) const
    {
        return {{"verb", "why"},
                {"code", base::toHex(request.code)},
                {"checkpoint", request.checkpoint.text},
                {"gate", request.gate.text},
                {"json", request.style == Style::Json}};
    }
    boost::json::object operator()(const LoadRequest &request) const
    {
        return {{"verb", "load"},
                {"bundle", request.bundle},
                {"trust", request.trust ? base::toHex(*request.trust) : std::string()},
                {"yes", request.consent == LoadRequest::Consent::Given}};
    }
};

base::Bytes hexIn(base::ObjectReader &reader, const char *key)
{
    const auto place = reader.find(key);
    if (!place)
        return {};
    auto bytes = base::fromHex(place->text(4096));
    if (!bytes) {
        place->fail(bytes.error().message);
        return {};
    }
    return std::move(*bytes);
}

Style styleIn(base::ObjectReader &reader)
{
    return reader.boolean("json") ? Style::Json : Style::Text;
}

} // namespace

std::string print(const Request &request)
{
    return base::toText(std::visit(Print(), request));
}

base::Result<Request> parseRequest(const std::string &text)
{
    const auto json = base::parseJson(text, {.bytes = 64 << 10, .depth = 4, .values = 100});
    if (!json)
        return json.error();
    base::JsonFailure failure;
    const base::JsonPlace place{*json, "", failure};
    base::ObjectReader reader(place);
    const std::string verb = reader.require("verb").text();
    Request request;
    if (verb == "status") {
        request = StatusRequest{styleIn(reader)};
    } else if (verb == "export") {
        request = ExportRequest{};
    } else if (verb == "why") {
        request =
            WhyRequest{hexIn(reader, "code"), {reader.text("checkpoint")}, {reader.text("gate")}, styleIn(reader)};
    } else if (verb == "load") {
        LoadRequest load{.bundle = reader.require("bundle").text(), .trust = {}};
        base::Bytes trust = hexIn(reader, "trust");
        if (!trust.empty())
            load.trust = std::move(trust);
        if (reader.boolean("yes"))
            load.consent = LoadRequest::Consent::Given;
        request = std::move(load);
    } else {
        failure.report("verb", "no such verb");
    }
    reader.finish();
    if (failure.happened())
        return *failure.error();
    return request;
}

} // namespace voelgoed::gate

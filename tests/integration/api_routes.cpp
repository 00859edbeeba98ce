#include "tests/integration/api_routes.h"

namespace voelgoed::integration {

namespace {

const std::string kNowhere = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";

/// The simplest value that the schema takes.
base::Json sample(const base::Json &schema, const std::string &name, const std::map<std::string, std::string> &ids)
{
    const auto &fields = schema.as_object();
    if (const auto *choices = fields.if_contains("enum"))
        return choices->as_array().front();
    const auto *type = fields.if_contains("type");
    const std::string kind = type && type->is_string() ? std::string(type->as_string()) : "object";
    if (kind == "string") {
        const auto *format = fields.if_contains("format");
        if (ids.contains(name))
            return boost::json::string(ids.at(name));
        if (format && format->as_string() == "uuid")
            return boost::json::string(kNowhere);
        if (format && format->as_string() == "date-time")
            return "2026-12-05T12:00:00Z";
        return name.find("email") != std::string::npos ? "somebody@example.org" : "x";
    }
    if (kind == "integer" || kind == "number")
        return 1;
    if (kind == "boolean")
        return false;
    if (kind == "array")
        return boost::json::array();
    boost::json::object object;
    const auto *required = fields.if_contains("required");
    const auto *properties = fields.if_contains("properties");
    if (required && properties) {
        for (const auto &each : required->as_array()) {
            const std::string field(each.as_string());
            object[field] = sample(properties->at(field), field, ids);
        }
    }
    return object;
}

} // namespace

std::string ApiRoute::at(const std::map<std::string, std::string> &ids, const std::string &otherwise) const
{
    std::string text = path;
    for (const std::string &name : ofPath) {
        const std::string mark = "{" + name + "}";
        const auto found = ids.find(name);
        text.replace(text.find(mark), mark.size(), found == ids.end() ? otherwise : found->second);
    }
    return text;
}

std::string ApiRoute::body(const std::map<std::string, std::string> &ids,
                           const std::map<std::string, std::string> &given) const
{
    std::string text;
    const auto add = [&](const std::string &name, const std::string &value) {
        text += (text.empty() ? "{" : ",") + base::toText(base::Json(boost::json::string(name))) + ":" + value;
    };
    for (const std::string &name : required) {
        if (!given.contains(name))
            add(name, base::toText(sample(properties.at(name), name, ids)));
    }
    for (const auto &[name, value] : given)
        add(name, value);
    return text.empty() ? "{}" : text + "}";
}

std::vector<ApiRoute> routesOf(const base::Json &openApi)
{
    std::vector<ApiRoute> routes;
    for (const auto &path : openApi.at("paths").as_object()) {
        for (const auto &[method, operation] : path.value().as_object()) {
            ApiRoute route{.method = std::string(method), .path = std::string(path.key())};
            for (char &c : route.method)
                c = static_cast<char>(std::toupper(c));
            const auto &fields = operation.as_object();
            if (const auto *parameters = fields.if_contains("parameters")) {
                for (const auto &parameter : parameters->as_array()) {
                    const auto in = parameter.at("in").as_string();
                    if (in == "path")
                        route.ofPath.emplace_back(parameter.at("name").as_string());
                    else if (in == "query")
                        route.ofQuery.emplace_back(parameter.at("name").as_string());
                }
            }
            const auto *body = fields.if_contains("requestBody");
            const auto *json = body ? body->at("content").as_object().if_contains("application/json") : nullptr;
            route.takesJson = json != nullptr;
            if (json) {
                const auto &schema = json->at("schema").as_object();
                if (const auto *properties = schema.if_contains("properties"))
                    route.properties = properties->as_object();
                if (const auto *required = schema.if_contains("required")) {
                    for (const auto &name : required->as_array())
                        route.required.emplace_back(name.as_string());
                }
            }
            routes.push_back(std::move(route));
        }
    }
    return routes;
}

} // namespace voelgoed::integration

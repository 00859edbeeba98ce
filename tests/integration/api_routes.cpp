#include "tests/integration/api_routes.h"

#include "tests/support/sample_values.h"

namespace voelgoed::integration {

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
            add(name, base::toText(test::sampleOf(properties.at(name), name, ids)));
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

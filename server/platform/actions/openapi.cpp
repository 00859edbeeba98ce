#include "server/platform/actions/openapi.h"

#include <algorithm>

namespace voelgoed::actions {

namespace json = boost::json;

namespace {

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string_view whoMay(const access::Policy &policy)
{
    switch (policy.kind()) {
    case access::Policy::Kind::Anyone:
        return "anyone";
    case access::Policy::Kind::SignedIn:
        return "signed_in";
    case access::Policy::Kind::May:
        return access::word(policy.permission());
    case access::Policy::Kind::ApiKey:
        return "api_key";
    case access::Policy::Kind::Device:
    case access::Policy::Kind::AnyDevice:
        return "device";
    case access::Policy::Kind::System:
        return "system";
    }
    return {};
}

json::value parameter(std::string_view name, std::string_view place, const json::value &schema, bool required)
{
    return {{"name", name}, {"in", place}, {"required", required}, {"schema", schema}};
}

json::value header(std::string_view says)
{
    return {{"description", says}, {"schema", {{"type", "string"}}}};
}

bool takesBody(http::Method method)
{
    return method == http::Method::Post || method == http::Method::Put || method == http::Method::Patch;
}

json::object operationOf(const Action &action)
{
    const Declaration &declaration = action.declaration;
    json::object operation{{"operationId", declaration.name},
                           {"summary", declaration.summary},
                           {"tags", {declaration.name.substr(0, declaration.name.find('.'))}},
                           {"x-permission", whoMay(declaration.policy)}};
    if (declaration.consent == Consent::Needed)
        operation["x-support-needs-consent"] = true;
    json::object schema = action.input.as_object();
    json::object properties = schema["properties"].as_object();
    json::array required = schema.contains("required") ? schema["required"].as_array() : json::array();
    json::array parameters;
    const auto drop = [&](std::string_view name) {
        properties.erase(name);
        const auto found = std::find(required.begin(), required.end(), json::value(json::string(name)));
        if (found != required.end())
            required.erase(found);
    };
    for (const std::string &segment : action.segments) {
        if (segment.front() != '{')
            continue;
        parameters.push_back(parameter(segment.substr(1), "path", properties.at(segment.substr(1)), true));
        drop(segment.substr(1));
    }
    if (!takesBody(declaration.method) || action.takesBytes) {
        const json::object left = properties;
        for (const auto &field : left) {
            if (field.value().is_object() && field.value().as_object().contains("format") &&
                field.value().at("format") == "binary")
                continue;
            const bool isRequired = std::any_of(required.begin(), required.end(), [&](const json::value &name) {
                return name.as_string() == field.key();
            });
            parameters.push_back(parameter(field.key(), "query", field.value(), isRequired));
        }
        properties.clear();
    }
    if (declaration.idempotency != Idempotency::No) {
        parameters.push_back(parameter("Idempotency-Key", "header", {{"type", "string"}, {"maxLength", 255}},
                                       declaration.idempotency == Idempotency::Required));
    }
    if (declaration.ifMatch == IfMatch::Heeded)
        parameters.push_back(parameter("If-Match", "header", {{"type", "string"}, {"examples", {"\"3\""}}}, false));
    if (declaration.deprecation)
        operation["deprecated"] = true;
    if (!parameters.empty())
        operation["parameters"] = std::move(parameters);
    if (action.takesBytes) {
        operation["requestBody"] = {{"content", {{"*/*", {{"schema", {{"type", "string"}, {"format", "binary"}}}}}}}};
    } else if (!properties.empty()) {
        schema["properties"] = std::move(properties);
        if (required.empty())
            schema.erase("required");
        else
            schema["required"] = std::move(required);
        operation["requestBody"] = {{"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
    }
    json::object success{{"description", "done"}};
    if (action.givesBytes)
        success["content"] = {{"*/*", {{"schema", {{"type", "string"}, {"format", "binary"}}}}}};
    else
        success["content"] = {{"application/json", {{"schema", action.output}}}};
    if (!action.cursor.empty())
        success["headers"] = {{"Link", header("Where the next page is, as rel=\"next\" (RFC 8288)")}};
    json::object responses{{std::to_string(declaration.status), std::move(success)}};
    if (declaration.ifMatch == IfMatch::Heeded)
        responses["412"] = {{"$ref", "#/components/responses/Problem"}};
    responses["default"] = {{"$ref", "#/components/responses/Problem"}};
    operation["responses"] = std::move(responses);
    if (declaration.policy.kind() == access::Policy::Kind::Anyone)
        operation["security"] = json::array();
    return operation;
}

json::value problemSchema()
{
    const json::value text{{"type", "string"}};
    return {
        {"type", "object"},
        {"required", {"type", "title", "status", "code"}},
        {"properties",
         {{"type", text},
          {"title", text},
          {"status", {{"type", "integer"}}},
          {"code", text},
          {"detail", text},
          {"instance", text},
          {"request_id", text},
          {"errors",
           {{"type", "array"},
            {"items", {{"type", "object"}, {"properties", {{"pointer", text}, {"code", text}, {"detail", text}}}}}}}}}};
}

/// As an endpoint is called with an event of the type.
json::value webhookOf(const work::EventType &type)
{
    const json::value content{{"application/cloudevents+json", {{"schema", work::envelopeSchemaOf(type)}}}};
    return {{"post",
             {{"operationId", std::string(type.type)},
              {"summary", type.says},
              {"tags", {"events"}},
              {"requestBody", {{"required", true}, {"content", content}}},
              {"responses", {{"2XX", {{"description", "taken"}}}}}}}};
}

} // namespace

base::Json openApi(const Registry &registry, const ApiFacts &facts)
{
    json::object paths;
    for (const Action &action : registry.all()) {
        auto &path = paths[action.declaration.route];
        if (!path.is_object())
            path = json::object();
        path.as_object()[lower(http::word(action.declaration.method))] = operationOf(action);
    }
    json::object webhooks;
    if (facts.eventTypes) {
        for (const auto &[name, type] : facts.eventTypes->all())
            webhooks[name] = webhookOf(type);
    }
    return {{"openapi", "3.1.0"},
            {"info", {{"title", "Voelgoed Gate"}, {"version", facts.version}}},
            {"servers", {{{"url", facts.server}}}},
            {"security", {{{"bearer", json::array()}}}},
            {"paths", std::move(paths)},
            {"webhooks", std::move(webhooks)},
            {"components",
             {{"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}}}},
              {"responses",
               {{"Problem",
                 {{"description", "what went wrong (RFC 9457)"},
                  {"content", {{"application/problem+json", {{"schema", problemSchema()}}}}}}}}}}}};
}

} // namespace voelgoed::actions

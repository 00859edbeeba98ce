#include "tests/support/sample_values.h"

namespace voelgoed::test {

base::Json sampleOf(const base::Json &schema, const std::string &name, const std::map<std::string, std::string> &ids)
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
            object[field] = sampleOf(properties->at(field), field, ids);
        }
    }
    return object;
}

} // namespace voelgoed::test

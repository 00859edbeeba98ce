#include "server/cli/verbs/verbs.h"

#include <algorithm>
#include <iostream>

namespace voelgoed::cli {

using base::Result;

namespace {

struct Route
{
    std::string method, path;
};

/// The route of an action, from the server's own description.
Result<Route> routeOf(Shell &shell, const std::string &action)
{
    const auto description = shell.get("/v1/openapi.json");
    if (!description)
        return description.error();
    std::string near;
    for (const auto &path : description->at("paths").as_object()) {
        for (const auto &operation : path.value().as_object()) {
            const auto *name = operation.value().as_object().if_contains("operationId");
            if (!name)
                continue;
            if (name->as_string() == std::string_view(action)) {
                std::string method(operation.key());
                std::transform(method.begin(), method.end(), method.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
                return Route{method, std::string(path.key())};
            }
            if (std::string_view(name->as_string()).substr(0, action.find('.')) == action.substr(0, action.find('.')))
                near += (near.empty() ? "" : ", ") + std::string(name->as_string());
        }
    }
    return base::Error{base::ErrorCode::NotFound, "the server has no action \"" + action + "\"",
                       near.empty() ? "voelgoedctl openapi lists them." : "Near to it: " + near, "not_found"};
}

Result<Exit> call(Shell &shell, const std::string &action, const std::string &text)
{
    auto fields = base::parseJson(text);
    if (!fields || !fields->is_object())
        return base::invalid("what comes after the action has to be a JSON object",
                             fields ? std::string() : fields.error().message);
    const auto route = routeOf(shell, action);
    if (!route)
        return route.error();
    boost::json::object &body = fields->as_object();
    std::string path;
    for (std::size_t at = 0; at < route->path.size();) {
        const auto open = route->path.find('{', at), close = route->path.find('}', at);
        path += route->path.substr(at, open == std::string::npos ? open : open - at);
        if (open == std::string::npos)
            break;
        const std::string name = route->path.substr(open + 1, close - open - 1);
        const auto *value = body.if_contains(name);
        if (!value)
            return base::invalid("the action needs the field " + name);
        path += escaped(value->is_string() ? std::string(value->as_string()) : base::toText(*value));
        body.erase(name);
        at = close + 1;
    }
    const bool hasBody = route->method == "POST" || route->method == "PUT" || route->method == "PATCH";
    if (hasBody) {
        const auto done =
            route->method == "POST" ? shell.post(path, *fields) : shell.send(route->method, path, *fields);
        if (!done)
            return done.error();
        return shell.say(*done, indented(*done));
    }
    std::vector<std::pair<std::string, std::string>> query;
    for (const auto &field : body) {
        const auto add = [&](const base::Json &value) {
            query.emplace_back(field.key(), value.is_string() ? std::string(value.as_string()) : base::toText(value));
        };
        if (const auto *list = field.value().if_array())
            std::for_each(list->begin(), list->end(), add);
        else
            add(field.value());
    }
    const auto answer = shell.client().ask({.method = route->method, .path = path, .query = std::move(query)});
    if (!answer)
        return answer.error();
    const auto json = base::parseJson(answer->body);
    std::cout << (json && !shell.isJson() ? indented(*json) : answer->body);
    if (shell.isJson())
        std::cout << "\n";
    return Exit::Done;
}

} // namespace

void addCall(CLI::App &program, Shell &shell)
{
    auto *any = program.add_subcommand("call", "Call any action of the server");
    auto action = std::make_shared<std::string>();
    auto fields = std::make_shared<std::string>("{}");
    any->add_option("ACTION", *action, "Its name: events.show")->required();
    any->add_option("JSON", *fields, "Its fields")->capture_default_str();
    shell.choose(any, [&shell, action, fields] { return call(shell, *action, *fields); });

    auto *openapi = program.add_subcommand("openapi", "The server's actions as OpenAPI 3.1");
    shell.choose(openapi, [&shell]() -> Result<Exit> {
        const auto description = shell.get("/v1/openapi.json");
        if (!description)
            return description.error();
        std::cout << (shell.isJson() ? base::toText(*description) + "\n" : indented(*description));
        return Exit::Done;
    });
}

} // namespace voelgoed::cli

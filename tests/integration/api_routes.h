#pragma once

#include "tests/support/plain_http.h"

#include <map>
#include <string>
#include <vector>

namespace voelgoed::integration {

/// What a server's own description (/v1/openapi.json) says of one action: for tests of each that there is.
struct ApiRoute
{
    std::string method, path; ///< "POST", "/v1/events/{event}/publish"
    bool takesJson = false;
    boost::json::object properties; ///< of the JSON body: a schema each
    std::vector<std::string> required;
    std::vector<std::string> ofPath, ofQuery; ///< parameters by name

    std::string name() const { return method + " " + path; }
    /// The path with these ids in their places, and with `otherwise` for what none is given for.
    std::string at(const std::map<std::string, std::string> &ids, const std::string &otherwise) const;
    /// A body as simple as the schema allows, but for what is given: JSON text by field, put in as it is.
    std::string body(const std::map<std::string, std::string> &ids,
                     const std::map<std::string, std::string> &given = {}) const;
};

std::vector<ApiRoute> routesOf(const base::Json &openApi);

} // namespace voelgoed::integration

#pragma once

#include "shared/base/json.h"

#include <map>
#include <string>

namespace voelgoed::test {

/// A UUID that nothing has.
inline const std::string kNowhere = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";

/// The simplest value that a JSON Schema of the server's own takes: of a choice the first, of an object the fields that
/// it needs. `name` is the field's; a text whose name is in `ids` is what stands there.
base::Json sampleOf(const base::Json &schema, const std::string &name, const std::map<std::string, std::string> &ids);

} // namespace voelgoed::test

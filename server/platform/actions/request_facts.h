#pragma once

#include "server/platform/http/message.h"
#include "shared/base/crypto/digest.h"
#include "shared/base/uuid.h"

#include <string>
#include <vector>

namespace voelgoed::actions {

/// "GET, POST", for Allow.
std::string listOf(const std::vector<http::Method> &methods);

/// X-Request-Id where it is a plain word of at most 64 characters, else `fresh`.
std::string requestIdOf(const http::Request &request, base::Uuid fresh);

/// Of a Content-Type, with or without parameters.
bool isJson(std::string_view contentType);

/// What an idempotency key was used for: the method, the path, the query and what was sent. Without the key nobody can
/// tell from it what that was.
base::Digest fingerprintOf(const http::Request &request, const base::Digest &key);

} // namespace voelgoed::actions

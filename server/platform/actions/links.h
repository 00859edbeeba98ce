#pragma once

#include "server/platform/actions/action.h"
#include "server/platform/http/message.h"
#include "shared/base/json.h"

#include <string>
#include <string_view>

namespace voelgoed::actions {

/// Where the next page is, for the field Link (RFC 8288): `</v1/events?limit=2&after=…>; rel="next"`. The request's own
/// path and query, with `cursor` as the page says in `next`; nothing where the page is the last one.
std::string nextLink(const http::Request &request, std::string_view cursor, const base::Json &page);

/// The same as a field of the answer; nothing without a cursor.
void addNextLink(const http::Request &request, std::string_view cursor, const base::Json &page, http::Fields &fields);

/// Deprecation (RFC 9745), and Sunset (RFC 8594) where it is known when.
void sayDeprecated(const Deprecation &deprecation, http::Fields &fields);

} // namespace voelgoed::actions

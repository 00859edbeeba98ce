#pragma once

#include "server/platform/http/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace voelgoed::http {

/// How the bytes behind a header are told from what follows.
enum class BodyForm {
    None,    ///< none, and none announced: 204, 304
    Sized,   ///< Content-Length
    Chunked, ///< Transfer-Encoding: chunked
    ToClose  ///< HTTP/1.0: until the connection closes
};

struct ResponseShape
{
    BodyForm form = BodyForm::Sized;
    std::uint64_t size = 0; ///< of a Sized one
    bool keepAlive = true;
    int minor = 1;         ///< of the request's HTTP/1.x
    std::string_view date; ///< as dateField() writes it
};

/// Whether every field can be sent: names are tokens, values hold no control characters. Anything else would let
/// whoever wrote a value write fields and bodies as well.
bool isSendable(const Response &response);

/// Appends status line, fields and the empty line. Fields that are the server's to write are left out.
void appendHead(const Response &response, const ResponseShape &shape, std::string &out);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
std::string dateField(base::Instant at);

} // namespace voelgoed::http

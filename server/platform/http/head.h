#pragma once

#include "server/platform/http/problem.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace voelgoed::http {

inline constexpr std::size_t kFieldsMax = 100;

/// A request line and its fields, as they came.
struct Head
{
    std::string method;
    std::string target;
    int minor = 1; ///< of HTTP/1.x
    Fields fields;
};

/// Finds the end of a request's header in bytes that come bit by bit, and looks at each line on the way. Stricter than
/// parsers are, since two of them must never see two requests in the same bytes (RFC 9112, section 11.2).
class HeadScanner
{
public:
    enum class Found { More, End, Fault };

    /// `bytes` is everything that came so far, from the first byte of the request on. A Fault: a line that does not
    /// end with CRLF, a CR or NUL within one, a folded line, or a first byte that begins no method.
    Found scan(std::string_view bytes);

    /// Bytes of the header, with empty lines before and the one behind it, once its end was found.
    std::size_t size() const { return m_line; }
    /// Empty lines before it: as much of it is no header.
    std::size_t skipped() const { return m_skipped; }
    /// Whether something of the request itself has come.
    bool begun() const { return m_begun; }

private:
    bool isSound(std::string_view line) const;

    std::size_t m_line = 0;    ///< where the line begins that is looked at
    std::size_t m_scanned = 0; ///< as far there is no line end
    std::size_t m_skipped = 0;
    bool m_begun = false;
};

/// What a header says about its message and its connection.
struct Framing
{
    std::optional<std::uint64_t> length; ///< of the body
    bool chunked = false;
    bool keepAlive = true;
    bool continues = false; ///< the client waits for "100 Continue"
    bool webSocket = false; ///< asks for an upgrade to WebSocket
    std::string host;

    bool hasBody() const { return chunked || length.value_or(0) > 0; }
};

/// Refuses what has two meanings: several Hosts or none (HTTP/1.1), several lengths, a length beside
/// Transfer-Encoding, any Transfer-Encoding but "chunked", control characters in values; and expectations that are
/// not "100-continue".
std::variant<Framing, Refusal> framingOf(const Head &head);

} // namespace voelgoed::http

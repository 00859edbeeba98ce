#pragma once

#include "shared/base/bytes.h"
#include "shared/base/instant.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voelgoed::http {

enum class Method { Get, Head, Post, Put, Patch, Delete, Options };

std::string_view word(Method method); ///< "GET"
std::optional<Method> methodFrom(std::string_view word);

/// Whether two texts are the same but for the case of ASCII letters, as names of fields are compared.
bool sameWord(std::string_view one, std::string_view other);

/// Fields in the order in which they came; names compare without case.
class Fields
{
public:
    void add(std::string name, std::string value) { m_fields.emplace_back(std::move(name), std::move(value)); }
    /// In place of all of that name.
    void set(std::string name, std::string value);
    /// The first of that name; empty when there is none.
    std::string_view operator[](std::string_view name) const;
    bool has(std::string_view name) const { return count(name) > 0; }
    std::size_t count(std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>> &all() const { return m_fields; }
    void reserve(std::size_t count) { m_fields.reserve(count); }

private:
    std::vector<std::pair<std::string, std::string>> m_fields;
};

struct Request
{
    Method method = Method::Get; ///< a HEAD is handed on as the GET whose header it asks for
    std::string path; ///< percent-decoded segment by segment: "/v1/events/x"; UTF-8, no "..", no "//", no controls
    std::vector<std::string> segments; ///< of the path; a slash at the end leaves an empty last one
    std::vector<std::pair<std::string, std::string>> query; ///< decoded, in order
    std::string target;                                     ///< as it came, for signatures
    Fields fields;
    std::string body;    ///< decompressed when it came compressed (gzip, zstd)
    std::string rawBody; ///< as it came, where that differs from `body`; else empty
    std::string peer;    ///< address, without port; "unix" for the admin socket
    bool secure = false; ///< came over TLS
    bool admin = false;  ///< came over the admin socket
    base::Instant receivedAt;

    /// The first of that name; empty when there is none.
    std::string_view queryValue(std::string_view name) const;
};

/// Content-Length, Transfer-Encoding, Date and Vary: Accept-Encoding are the server's to write; it compresses what has
/// no Content-Encoding of its own, and answers 304 where an ETag is the one that the client has.
struct Response
{
    int status = 200;
    Fields fields;
    std::string body;

    static Response json(int status, std::string text);
    static Response text(int status, std::string text);
};

} // namespace voelgoed::http

#pragma once

#include "shared/base/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::actions {

/// What is wrong with one field of an input.
struct FieldError
{
    std::string pointer; ///< JSON pointer (RFC 6901): "/dates/0/starts_at"
    std::string code;    ///< "required", "too_long", …
    std::string detail;  ///< a sentence

    friend bool operator==(const FieldError &, const FieldError &) = default;
};

/// A value of an input, where it stands, and where its errors go. Collects every error up to a limit, so that people
/// mend a form once. Borrows the document and the list.
class Input
{
public:
    static constexpr std::size_t kErrorsMax = 20;

    Input(const base::Json &json, std::vector<FieldError> &errors) : m_json(json), m_errors(errors) {}

    const base::Json &json() const { return m_json; }
    const std::string &pointer() const { return m_pointer; }

    Input item(std::size_t index, const base::Json &json) const;
    Input field(std::string_view name, const base::Json &json) const;
    void fail(std::string code, std::string detail) const;
    /// Fails with "required" for a field that is not there.
    void missing(std::string_view name) const;
    void unknown(std::string_view name) const;

    /// Numbers, true and false may come as texts: of a path or a query. So do several values for a list.
    bool isFromUrl() const { return m_fromUrl; }
    /// Fields of these names came with the URL.
    Input withFieldsOfUrl(const std::vector<std::string> &names) const;

private:
    const base::Json &m_json;
    std::vector<FieldError> &m_errors;
    std::string m_pointer;
    bool m_fromUrl = false;
    const std::vector<std::string> *m_urlFields = nullptr;
};

/// "startsAt" as "starts_at", "ScannerOnly" as "scanner_only": how names of C++ are spelt on the wire.
std::string wireName(std::string_view name);

} // namespace voelgoed::actions

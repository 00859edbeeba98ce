#include "server/platform/actions/input.h"

#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::actions {

namespace {

std::string escaped(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out.push_back(c);
    }
    return out;
}

} // namespace

Input Input::item(std::size_t index, const base::Json &json) const
{
    Input inner(json, m_errors);
    inner.m_pointer = m_pointer + "/" + std::to_string(index);
    inner.m_fromUrl = m_fromUrl;
    return inner;
}

Input Input::field(std::string_view name, const base::Json &json) const
{
    Input inner(json, m_errors);
    inner.m_pointer = m_pointer + "/" + escaped(name);
    inner.m_fromUrl =
        m_fromUrl || (m_urlFields && std::find(m_urlFields->begin(), m_urlFields->end(), name) != m_urlFields->end());
    return inner;
}

void Input::fail(std::string code, std::string detail) const
{
    if (m_errors.size() < kErrorsMax)
        m_errors.push_back({m_pointer, std::move(code), std::move(detail)});
}

void Input::missing(std::string_view name) const
{
    if (m_errors.size() < kErrorsMax)
        m_errors.push_back({m_pointer + "/" + escaped(name), "required", "This field is needed."});
}

void Input::unknown(std::string_view name) const
{
    if (m_errors.size() < kErrorsMax) {
        m_errors.push_back({m_pointer + "/" + escaped(base::printable(name, 60)), "unknown_field",
                            "There is no field of this name here."});
    }
}

Input Input::withFieldsOfUrl(const std::vector<std::string> &names) const
{
    Input input(*this);
    input.m_urlFields = &names;
    return input;
}

std::string wireName(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') {
            if (!out.empty())
                out.push_back('_');
            out.push_back(static_cast<char>(c - 'A' + 'a'));
        } else {
            out.push_back(c);
        }
    }
    return out;
}

} // namespace voelgoed::actions

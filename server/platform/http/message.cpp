#include "server/platform/http/message.h"

#include <algorithm>
#include <array>

namespace voelgoed::http {

namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> kMethods{{{Method::Get, "GET"},
                                                                       {Method::Head, "HEAD"},
                                                                       {Method::Post, "POST"},
                                                                       {Method::Put, "PUT"},
                                                                       {Method::Patch, "PATCH"},
                                                                       {Method::Delete, "DELETE"},
                                                                       {Method::Options, "OPTIONS"}}};

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

Response plain(int status, std::string type, std::string text)
{
    constexpr std::size_t kFields = 8; // with those that are the dispatcher's
    Response response;
    response.status = status;
    response.fields.reserve(kFields);
    response.fields.add("Content-Type", std::move(type));
    response.body = std::move(text);
    return response;
}

} // namespace

std::string_view word(Method method)
{
    return std::find_if(kMethods.begin(), kMethods.end(), [&](const auto &row) { return row.first == method; })->second;
}

std::optional<Method> methodFrom(std::string_view word)
{
    for (const auto &[method, name] : kMethods) {
        if (name == word)
            return method;
    }
    return {};
}

bool sameWord(std::string_view one, std::string_view other)
{
    return one.size() == other.size() &&
           std::equal(one.begin(), one.end(), other.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

void Fields::set(std::string name, std::string value)
{
    std::erase_if(m_fields, [&](const auto &field) { return sameWord(field.first, name); });
    add(std::move(name), std::move(value));
}

std::string_view Fields::operator[](std::string_view name) const
{
    for (const auto &[known, value] : m_fields) {
        if (sameWord(known, name))
            return value;
    }
    return {};
}

std::size_t Fields::count(std::string_view name) const
{
    return static_cast<std::size_t>(std::count_if(m_fields.begin(), m_fields.end(),
                                                  [&](const auto &field) { return sameWord(field.first, name); }));
}

std::string_view Request::queryValue(std::string_view name) const
{
    for (const auto &[known, value] : query) {
        if (known == name)
            return value;
    }
    return {};
}

Response Response::json(int status, std::string text)
{
    return plain(status, "application/json", std::move(text));
}

Response Response::text(int status, std::string text)
{
    return plain(status, "text/plain; charset=utf-8", std::move(text));
}

} // namespace voelgoed::http

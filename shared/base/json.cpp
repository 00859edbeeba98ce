#include "shared/base/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_set>
#include <vector>

namespace voelgoed::base {

namespace {

namespace bj = boost::json;

/// Builds the value as the parser reports its parts, and says why it refuses one.
class Builder
{
public:
    static constexpr std::size_t max_object_size = bj::object::max_size();
    static constexpr std::size_t max_array_size = bj::array::max_size();
    static constexpr std::size_t max_key_size = bj::string::max_size();
    static constexpr std::size_t max_string_size = bj::string::max_size();

    explicit Builder(std::size_t valuesLeft) : m_valuesLeft(valuesLeft) { m_stack.reset({}); }

    const std::string &refusal() const { return m_refusal; }
    Json take() { return m_stack.release(); }

    bool on_document_begin(bj::error_code &) { return true; }
    bool on_document_end(bj::error_code &) { return true; }
    bool on_object_begin(bj::error_code &)
    {
        m_keys.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t size, bj::error_code &error)
    {
        m_keys.pop_back();
        m_stack.push_object(size);
        return counted(error);
    }
    bool on_array_begin(bj::error_code &) { return true; }
    bool on_array_end(std::size_t size, bj::error_code &error)
    {
        m_stack.push_array(size);
        return counted(error);
    }
    bool on_key_part(std::string_view part, std::size_t, bj::error_code &)
    {
        m_key.append(part);
        m_stack.push_chars(part);
        return true;
    }
    bool on_key(std::string_view part, std::size_t, bj::error_code &error)
    {
        m_key.append(part);
        m_stack.push_key(part);
        std::string key;
        key.swap(m_key);
        if (!m_keys.back().insert(key).second)
            return refuse("the key \"" + key.substr(0, 60) + "\" is there twice", error);
        return true;
    }
    bool on_string_part(std::string_view part, std::size_t, bj::error_code &)
    {
        m_stack.push_chars(part);
        return true;
    }
    bool on_string(std::string_view part, std::size_t, bj::error_code &error)
    {
        m_stack.push_string(part);
        return counted(error);
    }
    bool on_number_part(std::string_view, bj::error_code &) { return true; }
    bool on_int64(std::int64_t number, std::string_view, bj::error_code &error)
    {
        m_stack.push_int64(number);
        return counted(error);
    }
    bool on_uint64(std::uint64_t number, std::string_view, bj::error_code &error)
    {
        m_stack.push_uint64(number);
        return counted(error);
    }
    bool on_double(double number, std::string_view, bj::error_code &error)
    {
        if (!std::isfinite(number))
            return refuse("a number that is too large", error);
        m_stack.push_double(number);
        return counted(error);
    }
    bool on_bool(bool value, bj::error_code &error)
    {
        m_stack.push_bool(value);
        return counted(error);
    }
    bool on_null(bj::error_code &error)
    {
        m_stack.push_null();
        return counted(error);
    }
    bool on_comment_part(std::string_view, bj::error_code &) { return true; }
    bool on_comment(std::string_view, bj::error_code &) { return true; }

private:
    bool counted(bj::error_code &error)
    {
        if (m_valuesLeft == 0)
            return refuse("more values than are allowed", error);
        --m_valuesLeft;
        return true;
    }

    bool refuse(std::string why, bj::error_code &error)
    {
        m_refusal = std::move(why);
        error = bj::error::incomplete;
        return false;
    }

    bj::value_stack m_stack;
    std::vector<std::unordered_set<std::string>> m_keys;
    std::string m_key;
    std::string m_refusal;
    std::size_t m_valuesLeft;
};

std::string placeOf(std::string_view text, std::size_t position)
{
    const std::string_view before = text.substr(0, std::min(position, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t lineStart = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - lineStart + 1);
}

} // namespace

Result<Json> parseJson(std::string_view text, const JsonLimits &limits)
{
    if (text.size() > limits.bytes)
        return invalid("JSON: longer than " + std::to_string(limits.bytes) + " bytes");
    bj::parse_options options;
    options.max_depth = limits.depth;
    bj::basic_parser<Builder> parser(options, limits.values);
    bj::error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (error) {
        const std::string &refusal = parser.handler().refusal();
        return invalid("JSON, " + placeOf(text, read) + ": " + (refusal.empty() ? error.message() : refusal));
    }
    const std::size_t more = text.find_first_not_of(" \t\r\n", read);
    if (more != std::string_view::npos)
        return invalid("JSON, " + placeOf(text, more) + ": something follows the value");
    return parser.handler().take();
}

std::string toText(const Json &json)
{
    return bj::serialize(json);
}

} // namespace voelgoed::base

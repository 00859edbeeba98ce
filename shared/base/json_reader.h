#pragma once

#include "shared/base/instant.h"
#include "shared/base/json.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::base {

/// Collects the first failure of a whole reading, so that readers go on without a check after each field and the caller
/// looks once at the end.
class JsonFailure
{
public:
    void report(const std::string &place, std::string_view what);
    /// Takes over a failure whose message begins with a place of its own; `prefix` goes before it.
    void pass(const Error &error, const std::string &prefix);
    bool happened() const { return m_error.has_value(); }
    const std::optional<Error> &error() const { return m_error; }

private:
    std::optional<Error> m_error;
};

/// A value and where it stands ("tickets[3].state"). Borrows the document and the failure.
struct JsonPlace
{
    const Json &json;
    std::string path;
    JsonFailure &failure;

    void fail(std::string_view what) const { failure.report(path, what); }

    /// Each of these reports a value of another kind or out of range, and then returns an empty or least one. A whole
    /// number may be written with a point ("1.0").
    std::string text(std::size_t maxBytes = 4096) const;
    bool boolean() const;
    std::int64_t integer(std::int64_t least, std::int64_t most) const;
    Instant instant() const;
    std::vector<std::string> texts(std::size_t maxItems = 10'000) const;
    /// The fields of an object whose keys are data, in their order.
    void eachField(const std::function<void(std::string_view key, const JsonPlace &)> &field,
                   std::size_t maxFields = 10'000) const;
    void each(const std::function<void(const JsonPlace &)> &item, std::size_t maxItems = 2'000'000) const;
};

/// Reads the fields of an object by name. A field that nobody asked for is an error that names it (finish()).
class ObjectReader
{
public:
    /// Reports when `place` holds no object; every field is then absent.
    explicit ObjectReader(const JsonPlace &place);

    ObjectReader(const ObjectReader &) = delete;
    ObjectReader &operator=(const ObjectReader &) = delete;

    /// Nothing when the field is absent or null.
    std::optional<JsonPlace> find(std::string_view key);
    /// Like find(), but also hands out a null.
    std::optional<JsonPlace> findAny(std::string_view key);
    /// Reports an absent field, and hands out a null in its stead.
    JsonPlace require(std::string_view key);

    std::string text(std::string_view key, std::string fallback = {});
    bool boolean(std::string_view key, bool fallback = false);
    std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most);
    std::optional<Instant> instant(std::string_view key);

    /// Reports the first field that was never asked for.
    void finish();

private:
    const JsonPlace &m_place;
    const boost::json::object *m_object = nullptr;
    std::set<std::string, std::less<>> m_asked;
};

} // namespace voelgoed::base

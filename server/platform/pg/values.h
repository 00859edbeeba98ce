#pragma once

#include "shared/base/bytes.h"
#include "shared/base/instant.h"
#include "shared/base/uuid.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::pg {

/// JSON as its text, for and from `jsonb` columns.
struct Jsonb
{
    std::string text;

    friend bool operator==(const Jsonb &, const Jsonb &) = default;
};

/// The parameters of a statement, $1 on, in PostgreSQL's binary format: what is sent is never part of the SQL. Which
/// C++ type is which: bool boolean, int16_t smallint, int32_t integer, int64_t bigint, double float8, string_view text,
/// ByteView bytea, Uuid uuid, Instant timestamptz, Jsonb jsonb; std::optional of those null; std::vector of those an
/// array of one dimension (for unnest and `= ANY`).
class Params
{
public:
    Params() = default;

    template <class... Values>
    static Params of(const Values &...values)
    {
        Params params;
        (params.add(values), ...);
        return params;
    }

    Params &add(bool value);
    Params &add(std::int16_t value);
    Params &add(std::int32_t value);
    Params &add(std::int64_t value);
    Params &add(double value);
    Params &add(std::string_view value);
    Params &add(const std::string &value) { return add(std::string_view(value)); }
    Params &add(const char *value) { return add(std::string_view(value)); }
    Params &add(base::ByteView value);
    Params &add(const base::Bytes &value) { return add(base::ByteView(value)); }
    Params &add(const base::Uuid &value);
    Params &add(base::Instant value);
    Params &add(const Jsonb &value);

    /// Element is any of the above (but std::string, std::string_view for text), or std::optional of one.
    template <class Element>
    Params &add(const std::vector<Element> &values);

    template <class Value>
    Params &add(const std::optional<Value> &value)
    {
        if (value)
            return add(*value);
        add(Value{});
        makeLastNull();
        return *this;
    }

    std::size_t size() const { return m_values.size(); }

    /// What libpq is handed: the type's number and the bytes of each.
    struct Value
    {
        std::uint32_t type = 0;
        std::string bytes;
        bool null = false;
    };
    const std::vector<Value> &values() const { return m_values; }

private:
    void makeLastNull();

    std::vector<Value> m_values;
};

} // namespace voelgoed::pg

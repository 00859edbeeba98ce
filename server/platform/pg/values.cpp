#include "server/platform/pg/values.h"

#include "server/platform/pg/types.h"

#include <bit>

namespace voelgoed::pg {

namespace {

template <class Number>
void putNumber(std::string &out, Number number)
{
    auto bits = static_cast<std::make_unsigned_t<Number>>(number);
    for (int shift = static_cast<int>(sizeof(Number) - 1) * 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(bits >> shift));
}

std::int64_t microsOf(base::Instant at)
{
    const std::int64_t ms = base::millisOf(at);
    if (ms < kFirstMicros / 1000 + kEpochMs)
        return kMinusInfinityMicros;
    if (ms >= kEndMicros / 1000 + kEpochMs)
        return kInfinityMicros;
    return (ms - kEpochMs) * 1000;
}

void put(std::string &out, bool value)
{
    out.push_back(value ? 1 : 0);
}
void put(std::string &out, std::int16_t value)
{
    putNumber(out, value);
}
void put(std::string &out, std::int32_t value)
{
    putNumber(out, value);
}
void put(std::string &out, std::int64_t value)
{
    putNumber(out, value);
}
void put(std::string &out, double value)
{
    putNumber(out, std::bit_cast<std::int64_t>(value));
}
void put(std::string &out, std::string_view value)
{
    out += value;
}
void put(std::string &out, base::ByteView value)
{
    out += base::textOf(value);
}
void put(std::string &out, const base::Uuid &value)
{
    out += base::textOf(value);
}
void put(std::string &out, base::Instant value)
{
    putNumber(out, microsOf(value));
}
void put(std::string &out, const Jsonb &value)
{
    out += kJsonbVersion;
    out += value.text;
}

template <class T>
struct Unwrapped
{
    using Type = T;
};
template <class T>
struct Unwrapped<std::optional<T>>
{
    using Type = T;
};

void putElement(std::string &out, const auto &value)
{
    const std::size_t at = out.size();
    putNumber(out, std::int32_t{0});
    put(out, value);
    // Its length, now that it is known.
    std::string length;
    putNumber(length, static_cast<std::int32_t>(out.size() - at - sizeof(std::int32_t)));
    out.replace(at, length.size(), length);
}

template <class T>
void putElement(std::string &out, const std::optional<T> &value)
{
    if (value)
        putElement(out, *value);
    else
        putNumber(out, std::int32_t{-1});
}

template <class T>
Params::Value valueOf(const T &value)
{
    Params::Value made{.type = oidsOf<T>().scalar, .bytes = {}, .null = false};
    put(made.bytes, value);
    return made;
}

template <class Element>
Params::Value arrayOf(const std::vector<Element> &values)
{
    constexpr TypeOids kOids = oidsOf<typename Unwrapped<Element>::Type>();
    constexpr bool kNulls = !std::is_same_v<Element, typename Unwrapped<Element>::Type>;
    Params::Value made{.type = kOids.array, .bytes = {}, .null = false};
    made.bytes.reserve(20 + values.size() * (4 + sizeof(Element)));
    putNumber(made.bytes, std::int32_t{values.empty() ? 0 : 1}); // dimensions
    putNumber(made.bytes, std::int32_t{kNulls ? 1 : 0});
    putNumber(made.bytes, static_cast<std::int32_t>(kOids.scalar));
    if (!values.empty()) {
        putNumber(made.bytes, static_cast<std::int32_t>(values.size()));
        putNumber(made.bytes, std::int32_t{1}); // the first one's number
    }
    for (const Element &value : values)
        putElement(made.bytes, value);
    return made;
}

} // namespace

Params &Params::add(bool value)
{
    m_values.push_back(valueOf(value));
    return *this;
}
Params &Params::add(std::int16_t value)
{
    m_values.push_back(valueOf(value));
    return *this;
}
Params &Params::add(std::int32_t value)
{
    m_values.push_back(valueOf(value));
    return *this;
}
Params &Params::add(std::int64_t value)
{
    m_values.push_back(valueOf(value));
    return *this;
}
Params &Params::add(double value)
{
    m_values.push_back(valueOf(value));
    return *this;
}
Params &Params::add(std::string_view value)
{
    m_values.push_back(valueOf(value));
    return *this;
}
Params &Params::add(base::ByteView value)
{
    m_values.push_back(valueOf(value));
    return *this;
}
Params &Params::add(const base::Uuid &value)
{
    m_values.push_back(valueOf(value));
    return *this;
}
Params &Params::add(base::Instant value)
{
    m_values.push_back(valueOf(value));
    return *this;
}
Params &Params::add(const Jsonb &value)
{
    m_values.push_back(valueOf(value));
    return *this;
}

template <class Element>
Params &Params::add(const std::vector<Element> &values)
{
    m_values.push_back(arrayOf(values));
    return *this;
}

void Params::makeLastNull()
{
    m_values.back().bytes.clear();
    m_values.back().null = true;
}

#define VOELGOED_PG_ARRAY(Element)                                                                                     \
    template Params &Params::add(const std::vector<Element> &);                                                        \
    template Params &Params::add(const std::vector<std::optional<Element>> &);

VOELGOED_PG_ARRAY(bool)
VOELGOED_PG_ARRAY(std::int16_t)
VOELGOED_PG_ARRAY(std::int32_t)
VOELGOED_PG_ARRAY(std::int64_t)
VOELGOED_PG_ARRAY(double)
VOELGOED_PG_ARRAY(std::string)
VOELGOED_PG_ARRAY(std::string_view)
VOELGOED_PG_ARRAY(base::Bytes)
VOELGOED_PG_ARRAY(base::ByteView)
VOELGOED_PG_ARRAY(base::Uuid)
VOELGOED_PG_ARRAY(base::Instant)
VOELGOED_PG_ARRAY(Jsonb)

} // namespace voelgoed::pg

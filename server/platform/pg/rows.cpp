#include "server/platform/pg/rows.h"

#include "server/platform/pg/types.h"

#include <libpq-fe.h>

#include <bit>
#include <charconv>

namespace voelgoed::pg {

namespace {

const PGresult *resultIn(const std::shared_ptr<void> &result)
{
    return static_cast<const PGresult *>(result.get());
}

/// One cell: where its bytes are, and what is said when they are not what was asked for.
struct Cell
{
    const PGresult *result;
    int column;
    base::ByteView bytes;
    bool null;
    std::uint32_t oid;

    void ensure(bool holds, const char *what) const
    {
        if (!holds) [[unlikely]] {
            const char *name = PQfname(result, column);
            base::ensure(false, ("column " + std::string(name ? name : "?") + ": " + what).c_str());
        }
    }
    void ensureType(bool holds, std::uint32_t found) const
    {
        if (!holds) [[unlikely]]
            ensure(false, ("read as another type than its own, which is " + std::to_string(found)).c_str());
    }
};

template <class T>
bool accepts(std::uint32_t oid)
{
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>)
        return oid == kText || oid == kVarchar || oid == kBpchar || oid == kName || oid == kJson ||
               oid >= kFirstOfDatabase;
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return oid == kInt8 || oid == kXid8;
    else if constexpr (std::is_same_v<T, Jsonb>)
        return oid == kJsonb || oid == kJson;
    else
        return oid == oidsOf<T>().scalar;
}

template <class T>
bool acceptsArray(std::uint32_t oid)
{
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>)
        return oid == kTextArray || oid == kVarcharArray || oid == kBpcharArray || oid == kNameArray ||
               oid >= kFirstOfDatabase;
    else
        return oid == oidsOf<T>().array;
}

template <class Number>
Number number(const Cell &cell, base::ByteView bytes)
{
    cell.ensure(bytes.size() == sizeof(Number), "a number of another size");
    return static_cast<Number>(base::bigEndianAt<std::make_unsigned_t<Number>>(bytes, 0));
}

base::Instant instantOf(std::int64_t micros)
{
    if (micros == kInfinityMicros)
        return base::Instant::max();
    if (micros == kMinusInfinityMicros)
        return base::Instant::min();
    // Down to the millisecond before, also before 2000.
    const std::int64_t ms = micros / 1000 - (micros % 1000 < 0 ? 1 : 0);
    return base::instantFromMillis(ms + kEpochMs);
}

template <class T>
T decode(const Cell &cell, base::ByteView bytes, std::uint32_t oid)
{
    if constexpr (std::is_same_v<T, bool>) {
        cell.ensure(bytes.size() == 1, "a boolean of another size");
        return bytes[0] != std::byte{0};
    } else if constexpr (std::is_integral_v<T>) {
        return number<T>(cell, bytes);
    } else if constexpr (std::is_same_v<T, double>) {
        return std::bit_cast<double>(number<std::int64_t>(cell, bytes));
    } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
        return T(base::textOf(bytes));
    } else if constexpr (std::is_same_v<T, base::Bytes>) {
        return base::Bytes(bytes.begin(), bytes.end());
    } else if constexpr (std::is_same_v<T, base::ByteView>) {
        return bytes;
    } else if constexpr (std::is_same_v<T, base::Uuid>) {
        base::Uuid uuid{};
        cell.ensure(bytes.size() == uuid.size(), "a uuid of another size");
        std::copy(bytes.begin(), bytes.end(), uuid.begin());
        return uuid;
    } else if constexpr (std::is_same_v<T, base::Instant>) {
        return instantOf(number<std::int64_t>(cell, bytes));
    } else {
        if (oid == kJson)
            return Jsonb{std::string(base::textOf(bytes))};
        cell.ensure(!bytes.empty() && bytes[0] == std::byte{kJsonbVersion}, "an unknown version of jsonb");
        return Jsonb{std::string(base::textOf(bytes.subspan(1)))};
    }
}

template <class T>
struct As
{
    static T from(const Cell &cell)
    {
        cell.ensureType(accepts<T>(cell.oid), cell.oid);
        cell.ensure(!cell.null, "null, and read as if it could not be");
        return decode<T>(cell, cell.bytes, cell.oid);
    }
};

template <class T>
struct As<std::optional<T>>
{
    static std::optional<T> from(const Cell &cell)
    {
        if (!cell.null)
            return As<T>::from(cell);
        cell.ensureType(accepts<T>(cell.oid), cell.oid);
        return {};
    }
};

/// Reads an array's bytes from the front.
struct ArrayReader
{
    const Cell &cell;
    base::ByteView rest;

    std::int32_t next()
    {
        cell.ensure(rest.size() >= 4, "an array that breaks off");
        const auto value = static_cast<std::int32_t>(base::bigEndianAt<std::uint32_t>(rest, 0));
        rest = rest.subspan(4);
        return value;
    }
    base::ByteView take(std::int32_t count)
    {
        cell.ensure(count >= 0 && static_cast<std::size_t>(count) <= rest.size(), "an array that breaks off");
        const auto taken = rest.first(static_cast<std::size_t>(count));
        rest = rest.subspan(taken.size());
        return taken;
    }
};

template <class T>
void append(std::vector<T> &values, const Cell &cell, ArrayReader &in, std::uint32_t oid, std::int32_t length)
{
    cell.ensure(length >= 0, "an array with a null, and read as if it had none");
    values.push_back(decode<T>(cell, in.take(length), oid));
}

template <class T>
void append(std::vector<std::optional<T>> &values, const Cell &cell, ArrayReader &in, std::uint32_t oid,
            std::int32_t length)
{
    if (length < 0)
        values.emplace_back();
    else
        values.emplace_back(decode<T>(cell, in.take(length), oid));
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

template <class Element>
std::vector<Element> array(const Cell &cell)
{
    using T = typename Unwrapped<Element>::Type;
    cell.ensureType(acceptsArray<T>(cell.oid), cell.oid);
    cell.ensure(!cell.null, "null, and read as if it could not be");
    ArrayReader in{cell, cell.bytes};
    const std::int32_t dimensions = in.next();
    in.next(); // whether there are nulls
    const auto oid = static_cast<std::uint32_t>(in.next());
    cell.ensureType(accepts<T>(oid), oid);
    cell.ensure(dimensions == 0 || dimensions == 1, "an array of several dimensions");
    std::vector<Element> values;
    if (dimensions == 0)
        return values;
    const std::int32_t count = in.next();
    in.next(); // the first one's number
    values.reserve(std::min(static_cast<std::size_t>(count), in.rest.size() / 4));
    for (std::int32_t i = 0; i < count; ++i)
        append(values, cell, in, oid, in.next());
    return values;
}

// Bytes are vectors, too: bytea and not an array.
template <>
struct As<base::Bytes>
{
    static base::Bytes from(const Cell &cell)
    {
        const auto view = As<base::ByteView>::from(cell);
        return {view.begin(), view.end()};
    }
};
template <class Element>
struct As<std::vector<Element>>
{
    static std::vector<Element> from(const Cell &cell) { return array<Element>(cell); }
};

template <class Element>
struct As<std::optional<std::vector<Element>>>
{
    static std::optional<std::vector<Element>> from(const Cell &cell)
    {
        if (cell.null)
            return {};
        return As<std::vector<Element>>::from(cell);
    }
};

} // namespace

Rows::Rows(std::shared_ptr<void> result) : m_result(std::move(result))
{
    const PGresult *from = resultIn(m_result);
    m_rows = static_cast<std::size_t>(PQntuples(from));
    const std::string_view touched = PQcmdTuples(const_cast<PGresult *>(from));
    std::from_chars(touched.data(), touched.data() + touched.size(), m_touched);
}

bool Rows::isNull(std::size_t row, std::size_t column) const
{
    const PGresult *from = resultIn(m_result);
    base::ensure(row < m_rows && column < static_cast<std::size_t>(PQnfields(from)), "a cell that is not there");
    return PQgetisnull(from, static_cast<int>(row), static_cast<int>(column)) != 0;
}

template <class T>
T Rows::get(std::size_t row, std::size_t column) const
{
    const PGresult *from = resultIn(m_result);
    base::ensure(row < m_rows, "a row that is not there");
    base::ensure(column < static_cast<std::size_t>(PQnfields(from)), "a column that is not there, behind the last");
    const int r = static_cast<int>(row), c = static_cast<int>(column);
    const auto *bytes = reinterpret_cast<const std::byte *>(PQgetvalue(from, r, c));
    const Cell cell{.result = from,
                    .column = c,
                    .bytes = {bytes, static_cast<std::size_t>(PQgetlength(from, r, c))},
                    .null = PQgetisnull(from, r, c) != 0,
                    .oid = PQftype(from, c)};
    cell.ensure(PQfformat(from, c) == 1, "a result in text format");
    return As<T>::from(cell);
}

#define VOELGOED_PG_CELL(T)                                                                                            \
    template T Rows::get<T>(std::size_t, std::size_t) const;                                                           \
    template std::optional<T> Rows::get<std::optional<T>>(std::size_t, std::size_t) const;                             \
    template std::vector<T> Rows::get<std::vector<T>>(std::size_t, std::size_t) const;                                 \
    template std::vector<std::optional<T>> Rows::get<std::vector<std::optional<T>>>(std::size_t, std::size_t) const;   \
    template std::optional<std::vector<T>> Rows::get<std::optional<std::vector<T>>>(std::size_t, std::size_t) const;

VOELGOED_PG_CELL(bool)
VOELGOED_PG_CELL(std::int16_t)
VOELGOED_PG_CELL(std::int32_t)
VOELGOED_PG_CELL(std::int64_t)
VOELGOED_PG_CELL(double)
VOELGOED_PG_CELL(std::string)
VOELGOED_PG_CELL(std::string_view)
VOELGOED_PG_CELL(base::Bytes)
VOELGOED_PG_CELL(base::ByteView)
VOELGOED_PG_CELL(base::Uuid)
VOELGOED_PG_CELL(base::Instant)
VOELGOED_PG_CELL(Jsonb)

} // namespace voelgoed::pg

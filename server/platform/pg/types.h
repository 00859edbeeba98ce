#pragma once

#include "server/platform/pg/values.h"

#include <limits>
#include <type_traits>

/// How each C++ type looks in PostgreSQL's binary format. For values.cpp and rows.cpp.
namespace voelgoed::pg {

/// Numbers of types (pg_type.dat); they are part of the protocol and do not change.
enum Oid : std::uint32_t {
    kBool = 16,
    kBytea = 17,
    kName = 19,
    kInt8 = 20,
    kInt2 = 21,
    kInt4 = 23,
    kText = 25,
    kJson = 114,
    kJsonArray = 199,
    kFloat8 = 701,
    kBoolArray = 1000,
    kByteaArray = 1001,
    kNameArray = 1003,
    kInt2Array = 1005,
    kInt4Array = 1007,
    kTextArray = 1009,
    kBpcharArray = 1014,
    kVarcharArray = 1015,
    kInt8Array = 1016,
    kFloat8Array = 1022,
    kBpchar = 1042,
    kVarchar = 1043,
    kTimestamptz = 1184,
    kTimestamptzArray = 1185,
    kUuid = 2950,
    kUuidArray = 2951,
    kJsonb = 3802,
    kJsonbArray = 3807,
    kXid8 = 5069,
    kFirstOfDatabase = 16384, ///< enums and the like have their numbers from here on
};

struct TypeOids
{
    Oid scalar, array;
};

template <class T>
constexpr TypeOids oidsOf()
{
    if constexpr (std::is_same_v<T, bool>)
        return {kBool, kBoolArray};
    else if constexpr (std::is_same_v<T, std::int16_t>)
        return {kInt2, kInt2Array};
    else if constexpr (std::is_same_v<T, std::int32_t>)
        return {kInt4, kInt4Array};
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return {kInt8, kInt8Array};
    else if constexpr (std::is_same_v<T, double>)
        return {kFloat8, kFloat8Array};
    else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>)
        return {kText, kTextArray};
    else if constexpr (std::is_same_v<T, base::Bytes> || std::is_same_v<T, base::ByteView>)
        return {kBytea, kByteaArray};
    else if constexpr (std::is_same_v<T, base::Uuid>)
        return {kUuid, kUuidArray};
    else if constexpr (std::is_same_v<T, base::Instant>)
        return {kTimestamptz, kTimestamptzArray};
    else {
        static_assert(std::is_same_v<T, Jsonb>, "not a type of Params");
        return {kJsonb, kJsonbArray};
    }
}

/// timestamptz counts microseconds from 2000-01-01, and keeps its own first and last for the infinities.
inline constexpr std::int64_t kEpochMs = 946'684'800'000;
inline constexpr std::int64_t kInfinityMicros = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kMinusInfinityMicros = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kFirstMicros = -211'813'488'000'000'000; // 4714-11-24 before Christ
inline constexpr std::int64_t kEndMicros = 9'223'371'331'200'000'000;  // the year 294277

inline constexpr char kJsonbVersion = 1;

} // namespace voelgoed::pg

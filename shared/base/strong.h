#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace voelgoed::base {

/// A number that cannot be confused with another kind of number: `Ordinal`, `Sequence`, `Epoch`.
template <class Tag, class Rep>
struct StrongNumber
{
    using Number = Rep;

    Rep value = 0;

    friend constexpr auto operator<=>(const StrongNumber &, const StrongNumber &) = default;
};

/// An identifier that cannot be confused with another kind of identifier: `GateId`, `CheckpointId`. Compared by bytes,
/// never shown to guests.
template <class Tag>
struct StrongId
{
    std::string text;

    [[nodiscard]] bool empty() const { return text.empty(); }
    [[nodiscard]] std::string_view view() const { return text; }

    friend auto operator<=>(const StrongId &, const StrongId &) = default;
};

} // namespace voelgoed::base

template <class Tag, class Rep>
struct std::hash<voelgoed::base::StrongNumber<Tag, Rep>>
{
    std::size_t operator()(const voelgoed::base::StrongNumber<Tag, Rep> &number) const
    {
        return std::hash<Rep>()(number.value);
    }
};

template <class Tag>
struct std::hash<voelgoed::base::StrongId<Tag>>
{
    std::size_t operator()(const voelgoed::base::StrongId<Tag> &id) const { return std::hash<std::string>()(id.text); }
};

#pragma once

#include "server/platform/actions/codec.h"
#include "server/slices/ticketing/import/read.h"
#include "server/slices/ticketing/merging.h"

/// What is said of an import: to who asked for it, and in the trail. Pure: lists are long, and so is what is said of
/// them, so that it is put together on the workers.
namespace voelgoed::ticketing {

struct UnknownTypeOut
{
    std::string name;
    std::uint64_t rows = 0, firstLine = 0;
    std::string lines; ///< all: "7, 9-120"
};
BOOST_DESCRIBE_STRUCT(UnknownTypeOut, (), (name, rows, firstLine, lines))

struct MoreTypesOut
{
    std::uint64_t types = 0, rows = 0;
    std::string lines;
};
BOOST_DESCRIBE_STRUCT(MoreTypesOut, (), (types, rows, lines))

struct ImportOut
{
    std::uint64_t added = 0, changed = 0, unchanged = 0;
    std::uint64_t leftOut = 0;                ///< bad rows, and rows of a type that the event does not have
    std::vector<UnknownTypeOut> unknownTypes; ///< empty name: rows that name none; at most kTypesNamed
    MoreTypesOut moreUnknownTypes;            ///< those behind them
    base::Json report;                        ///< how the file was understood, counts, and what was found
};
BOOST_DESCRIBE_STRUCT(ImportOut, (), (added, changed, unchanged, leftOut, unknownTypes, moreUnknownTypes, report))

ImportOut outOf(const import::Outcome &outcome, const Merged &merged);

/// An error of an answer.
struct Refusal
{
    std::string pointer, code, detail;

    friend bool operator==(const Refusal &, const Refusal &) = default;
};

/// Names each bad row: the first ones with what was found in them, and those behind them by their lines and the kind.
std::vector<Refusal> refusalsOf(const import::Outcome &outcome, const Merged &merged);

/// Bytes of ordinals for each move from one state to another.
inline constexpr std::size_t kOrdinalsBytesMax = 4'000;

/// Which tickets have another state, for the trail: [{"from": "valid", "to": "cancelled", "tickets": 116, "ordinals":
/// "2, 7-121"}], by states and ordinals. Of more ordinals than fit, `more_tickets` says how many are not among them.
base::Json stateChangesJson(const Merged &merged);

} // namespace voelgoed::ticketing

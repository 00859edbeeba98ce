#pragma once

#include "server/slices/ticketing/import/read.h"

#include "shared/base/json.h"

namespace voelgoed::ticketing::import {

/// Of each kind of finding this many are shown with what was found; of errors all lines are named.
inline constexpr std::size_t kFindingsShown = 20;

/// What was recognised:
///
///     {"kind": "table", "encoding": "UTF-8", "byte_order_mark": true, "line_ends": {"crlf": 12}, "separator":
///     "semicolon",
///      "separator_from": "sep_line", "header": true, "system": "eventbrite", "system_title": "…", "remarks": […],
///      "columns": [{"use": "code", "columns": [{"number": 9, "header": "Barcode #"}], "certainty": "known", "why":
///      "…",
///                   "examples": […]}]}
base::Json toJson(const Recognised &recognised);

/// {"recognised": …, "counts": {"rows": 12, …}, "errors": 1, "warnings": 3,
///  "findings": [{"kind": "no_code", "severity": "error", "total": 1, "advice": "…",
///                "first": [{"line": 7, "column": 9, "text": "…"}], "lines": "7, 9-120"}]}; no guests. `lines`: of
/// errors.
base::Json toJson(const Outcome &outcome);

/// The same for people: lines of plain text, safe to print whatever the file holds.
std::string toText(const Recognised &recognised);
std::string toText(const Outcome &outcome);

} // namespace voelgoed::ticketing::import

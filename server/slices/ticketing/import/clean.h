#pragma once

#include <string>
#include <string_view>

namespace voelgoed::ticketing::import {

/// What spreadsheets, web pages and exports put around a cell's text, and what was taken off.
struct Cleaned
{
    std::string text;
    bool formulaGuard = false; ///< a TAB or an apostrophe before = + - @, put there so that no spreadsheet computes it
    bool invisible = false;    ///< zero-width characters anywhere, non-breaking and other odd blanks
    bool controls = false;     ///< control characters; line ends and TABs became blanks

    friend bool operator==(const Cleaned &, const Cleaned &) = default;
};

/// What a cell is for. Words keep zero-width joiners, which names are written with, and line ends inside become blanks;
/// in codes neither is left.
enum class CellOf { Words, Code };

/// A cell of a list. Ordinary blanks at both ends are taken off without a word; odd blanks inside became ordinary ones.
Cleaned cleanCell(std::string_view cell, CellOf of = CellOf::Words);

/// Whether nothing of it can be seen: blanks of all kinds, and characters without width.
bool isBlank(std::string_view cell);

/// How headers and status words are compared: lower case, letters without their accents, runs of blanks and underscores
/// as one blank, none at the ends. Other signs stay ("order #").
std::string folded(std::string_view text);

} // namespace voelgoed::ticketing::import

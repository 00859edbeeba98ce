#pragma once

#include "server/slices/ticketing/import/finding.h"
#include "server/slices/ticketing/import/systems.h"

#include <optional>

namespace voelgoed::ticketing::import {

/// A code inside a web address.
enum class UrlCodes {
    AsKnown, ///< taken out for systems whose files are known to hold addresses (Luma); others stay whole
    Whole,
};

/// How the codes of a list are read.
struct CodeReading
{
    System system = System::Unknown;
    UrlCodes urls = UrlCodes::AsKnown;
};

/// A cell as a code.
struct CodeText
{
    std::string code; ///< what a gate looks up; what the cell says if there is a problem
    std::optional<FindingKind> problem;
    std::vector<FindingKind> warnings;

    friend bool operator==(const CodeText &, const CodeText &) = default;
};

/// Cleaned as shared/ticket/foreign.h does it (NotSent), after what spreadsheets and web pages put around it is off.
CodeText readCode(std::string_view cell, const CodeReading &reading);

/// The code of an address: its parameter pk, or the last piece of its path.
std::optional<std::string> codeInUrl(std::string_view url);

} // namespace voelgoed::ticketing::import

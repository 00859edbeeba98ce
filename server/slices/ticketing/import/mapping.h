#pragma once

#include "server/slices/ticketing/import/role.h"

#include <span>
#include <string>
#include <vector>

namespace voelgoed::ticketing::import {

/// Which columns the user wants for a role, as written: "First Name+Last Name". Empty: none, whatever is guessed.
struct MappedRole
{
    Role role = Role::Code;
    std::string columns;

    friend bool operator==(const MappedRole &, const MappedRole &) = default;
};

using Mapping = std::vector<MappedRole>;

/// "code=Barcode #, name=First Name+Last Name, status=-": a role, and headers joined by "+"; "-" for none; "#9" is the
/// ninth column. What holds a comma stands in double quotes. Invalid: an unknown role, one that comes twice, a part
/// without "=".
base::Result<Mapping> parseMapping(std::string_view written);

/// The columns (from 0) that are meant. A header is found as it is written, or else whatever its case, accents and
/// blanks. Invalid: no such column, with near ones offered; a header that several columns have.
base::Result<std::vector<std::size_t>> columnsMeant(const MappedRole &mapped, std::span<const std::string> headers);

} // namespace voelgoed::ticketing::import

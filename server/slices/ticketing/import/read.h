#pragma once

#include "server/slices/ticketing/import/dialect.h"
#include "server/slices/ticketing/import/encoding.h"
#include "server/slices/ticketing/import/file_kind.h"
#include "server/slices/ticketing/import/guests.h"

namespace voelgoed::ticketing::import {

/// What the user says about a file; nothing of it is needed.
struct ImportRequest
{
    std::optional<Encoding> encoding;
    std::optional<Separator> separator;
    LayoutRequest layout;
    GuestRequest guests;
};

/// How a file was understood.
struct Recognised
{
    FileKind kind = FileKind::Table;
    Encoding encoding = Encoding::Utf8;
    ByteOrderMark mark = ByteOrderMark::Absent;
    LineEnds lineEnds; ///< of tables, as are the next two
    Separator separator = Separator::Comma;
    SeparatorFrom separatorFrom = SeparatorFrom::Guessed;
    Layout layout;
};

struct Outcome
{
    Recognised recognised;
    GuestList list;
};

/// A file of another ticketing system, from its bytes to its guests. The same bytes and request give the same outcome.
/// Fails where nothing of the file can be used (encoding.h, file_kind.h, csv.h, layout.h say when); what is wrong with
/// single rows is among the findings.
base::Result<Outcome> readGuestList(std::string_view bytes, const ImportRequest &request = {});

/// The same without the guests: what would be read, and from where, after a look at the first thousand rows.
base::Result<Recognised> recognise(std::string_view bytes, const ImportRequest &request = {});

} // namespace voelgoed::ticketing::import

#pragma once

#include "server/platform/actions/action.h"
#include "server/slices/ticketing/actions/import_out.h"
#include "server/slices/ticketing/ticketing.h"

/// Guest lists of other systems.
namespace voelgoed::ticketing {

enum class ImportHeader { Guess, Present, Absent };
BOOST_DESCRIBE_ENUM(ImportHeader, Guess, Present, Absent)

enum class ImportUrls { AsKnown, Whole };
BOOST_DESCRIBE_ENUM(ImportUrls, AsKnown, Whole)

struct ImportFile
{
    base::Uuid event{};
    actions::RawBody file;
    std::optional<actions::Text<2000>> mapping; ///< "code=Barcode #, name=First Name+Last Name"
    std::optional<actions::Text<20>> separator, encoding;
    std::optional<ImportHeader> header;
    std::optional<ImportUrls> urls;
    actions::List<actions::Text<300>, 200> types; ///< "their name=our type"
    std::optional<actions::Text<200>> type;       ///< of rows that name none
    bool skipBad = false;                         ///< take the good rows, and leave out the bad ones
};
BOOST_DESCRIBE_STRUCT(ImportFile, (), (event, file, mapping, separator, encoding, header, urls, types, type, skipBad))

/// All or nothing, unless bad rows are to be left out. The same list again changes nothing. Conflict where it would add
/// tickets to an event that is cancelled or has ended; Forbidden where support would cancel tickets without the
/// organization's consent. The event is held when the list was read, and not before.
async::Task<base::Result<ImportOut>> importTickets(actions::Context &context, Ticketing &ticketing, ImportFile in);
/// What it would do.
async::Task<base::Result<ImportOut>> checkImport(actions::Context &context, Ticketing &ticketing, ImportFile in);

void addImportActions(Ticketing &ticketing);

} // namespace voelgoed::ticketing

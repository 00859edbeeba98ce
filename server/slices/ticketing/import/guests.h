#pragma once

#include "server/slices/ticketing/import/guest_row.h"

namespace voelgoed::ticketing::import {

struct Counts
{
    std::size_t rows = 0; ///< all but the header and blank ones
    std::size_t guests = 0;
    std::size_t persons = 0; ///< whom the guests' tickets that are valid admit together
    std::size_t valid = 0, pending = 0, unapproved = 0, cancelled = 0; ///< of the guests
    std::size_t checkedIn = 0;
    std::size_t badRows = 0;    ///< with an error: none of them is among the guests
    std::size_t passedOver = 0; ///< repeated rows and headers, totals, cancelled ones without a code
    std::size_t blankRows = 0;

    friend bool operator==(const Counts &, const Counts &) = default;
};

struct GuestList
{
    std::vector<Guest> guests; ///< in the file's order
    Findings findings;
    Counts counts;
};

/// Reads the rows that the layout was made for, from the header on. Rows with an error are not among the guests:
/// whether the others count without them is for the caller to say. Fails as `records` does.
base::Result<GuestList> readGuests(Records &records, const Layout &layout, const GuestRequest &request = {});

} // namespace voelgoed::ticketing::import

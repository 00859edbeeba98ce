#pragma once

#include "server/slices/ticketing/import/role.h"

#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::ticketing::import {

/// How much a header's words speak for a role. A header that is such a word and nothing more speaks loudest.
struct WordMatch
{
    Role role = Role::Code;
    int score = 0;

    friend bool operator==(const WordMatch &, const WordMatch &) = default;
};

/// What a header (folded, clean.h) may be by its words: English, Afrikaans, German, Dutch, French, Spanish, Portuguese.
std::vector<WordMatch> rolesByWords(std::string_view foldedHeader);

/// Whether the header is such a word, and nothing more.
bool isKnownHeader(std::string_view foldedHeader);

/// Whether a header speaks of something that is never a ticket's code, whatever its contents look like: a phone number,
/// an address, a voucher, the buyer's order.
bool isNoCode(std::string_view foldedHeader);

} // namespace voelgoed::ticketing::import

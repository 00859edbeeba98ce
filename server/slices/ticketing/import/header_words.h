#pragma once

#include "server/slices/ticketing/import/role.h"

#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::ticketing::import {

/// How much a header's words speak for a role. 0: nothing; kWholeHeader or more: the header is such a word.
struct WordMatch
{
    Role role = Role::Code;
    int score = 0;

    friend bool operator==(const WordMatch &, const WordMatch &) = default;
};

inline constexpr int kWholeHeader = 100;

/// What a header (folded, clean.h) may be by its words: English, Afrikaans, German, Dutch, French, Spanish, Portuguese.
std::vector<WordMatch> rolesByWords(std::string_view foldedHeader);

/// Whether a header speaks of something that is never a ticket's code, whatever its contents look like: a phone number,
/// an address, a voucher, the buyer's order.
bool isNoCode(std::string_view foldedHeader);

} // namespace voelgoed::ticketing::import

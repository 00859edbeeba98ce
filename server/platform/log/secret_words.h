#pragma once

#include <string_view>

namespace voelgoed::log {

/// Whether one word (no blanks in it) is a secret or names a person: a token, a key, an e-mail address, a URL with a
/// password, a printed code. A UUID is none.
bool isSecretWord(std::string_view word);

/// Where a printed ticket code begins in the text, and its length. Its alphabet has blanks. Length 0: there is none.
struct Found
{
    std::size_t at = 0, size = 0;
};
Found ticketCodeIn(std::string_view text);

} // namespace voelgoed::log

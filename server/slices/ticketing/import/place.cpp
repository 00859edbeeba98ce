#include "server/slices/ticketing/import/place.h"

namespace voelgoed::ticketing::import {

std::string textOf(const Place &place)
{
    std::string text = "line " + std::to_string(place.line);
    if (place.column > 0)
        text += ", column " + std::to_string(place.column);
    return text;
}

std::size_t lineEndsIn(std::string_view text)
{
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')))
            ++count;
    }
    return count;
}

std::string grouped(std::size_t number)
{
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return digits;
}

} // namespace voelgoed::ticketing::import

#include "server/slices/events/slug.h"

#include "shared/base/uuid.h"

namespace voelgoed::events {

namespace {

/// U+00C0 to U+00FF without their accents; 0 for what is no letter.
constexpr std::string_view kLatin("aaaaaaaceeeeiiiidnooooo\0ouuuuytsaaaaaaaceeeeiiiidnooooo\0ouuuuyty", 64);

bool isLetterOrDigit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// The letter that begins here, and how many bytes it takes; 0 for anything else.
std::pair<char, std::size_t> letterAt(std::string_view text, std::size_t at)
{
    const char c = text[at];
    if (c >= 'A' && c <= 'Z')
        return {static_cast<char>(c - 'A' + 'a'), 1};
    if (isLetterOrDigit(c))
        return {c, 1};
    if (c == '\xC3' && at + 1 < text.size()) {
        const auto next = static_cast<unsigned char>(text[at + 1]);
        if (next >= 0x80 && next < 0xC0)
            return {kLatin[next - 0x80], 2};
    }
    return {'\0', 1};
}

} // namespace

bool isSlug(std::string_view text)
{
    bool wasDash = true;
    for (const char c : text) {
        const bool isDash = c == '-';
        if ((isDash && wasDash) || (!isDash && !isLetterOrDigit(c)))
            return false;
        wasDash = isDash;
    }
    return !wasDash && text.size() <= kSlugMax && !base::uuidFrom(text);
}

std::string slugFrom(std::string_view name, std::string_view otherwise)
{
    std::string slug;
    bool gap = false;
    for (std::size_t at = 0; at < name.size();) {
        const auto [letter, bytes] = letterAt(name, at);
        at += bytes;
        if (letter != '\0' && gap && !slug.empty())
            slug.push_back('-');
        gap = letter == '\0';
        if (letter != '\0')
            slug.push_back(letter);
    }
    slug.resize(std::min(slug.size(), kSlugMax));
    if (!slug.empty() && slug.back() == '-')
        slug.pop_back();
    return isSlug(slug) ? slug : std::string(otherwise);
}

std::string numbered(const std::string &slug, int number)
{
    const std::string end = "-" + std::to_string(number);
    std::string begin = slug.substr(0, kSlugMax - end.size());
    if (begin.back() == '-')
        begin.pop_back();
    return begin + end;
}

} // namespace voelgoed::events

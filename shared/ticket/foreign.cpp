#include "shared/ticket/foreign.h"

#include "shared/base/crypto/digest.h"

#include <algorithm>

namespace voelgoed::ticket {

namespace {

constexpr std::size_t kAimLength = 3;
constexpr std::size_t kEciLength = 7;

bool isControl(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

bool isLetterOrDigit(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool beginsWithAim(std::string_view text)
{
    return text.size() >= kAimLength && text[0] == ']' && isLetterOrDigit(text[1]) && isLetterOrDigit(text[2]);
}

bool beginsWithEci(std::string_view text)
{
    if (text.size() < kEciLength || text[0] != '\\')
        return false;
    const std::string_view digits = text.substr(1, kEciLength - 1);
    return std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view withoutBlanks(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

} // namespace

base::Result<std::string> cleanForeign(std::string_view read, AimMarker marker)
{
    if (read.size() > kForeignMax)
        return base::invalid("code: " + std::to_string(read.size()) + " bytes");
    std::string printable;
    std::copy_if(read.begin(), read.end(), std::back_inserter(printable), [](char c) { return !isControl(c); });
    std::string_view text = withoutBlanks(printable);
    if (marker == AimMarker::Sent && beginsWithAim(text))
        text = withoutBlanks(text.substr(kAimLength));
    while (beginsWithEci(text))
        text = withoutBlanks(text.substr(kEciLength));
    if (text.empty())
        return base::invalid("code: empty");
    return std::string(text);
}

std::string_view withoutMarker(std::string_view read, AimMarker marker)
{
    return marker == AimMarker::Sent && beginsWithAim(read) ? read.substr(kAimLength) : read;
}

domain::CodeHash foreignHash(std::string_view cleaned)
{
    const base::Digest digest = base::sha256(base::bytesOf(cleaned));
    domain::CodeHash hash;
    std::copy_n(digest.begin(), hash.size(), hash.begin());
    return hash;
}

} // namespace voelgoed::ticket

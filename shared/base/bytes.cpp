#include "shared/base/bytes.h"

#include <array>

namespace voelgoed::base {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

constexpr std::array<std::int8_t, 256> base64Values()
{
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kBase64Digits.size(); ++i)
        values[static_cast<unsigned char>(kBase64Digits[i])] = static_cast<std::int8_t>(i);
    return values;
}

constexpr auto kBase64Values = base64Values();

Error badCharacter(std::string_view what, std::size_t position)
{
    return invalid(std::string(what) + ": not allowed at character " + std::to_string(position + 1));
}

} // namespace

std::string toHex(ByteView bytes)
{
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        text.push_back(kHexDigits[std::to_integer<unsigned>(byte) >> 4]);
        text.push_back(kHexDigits[std::to_integer<unsigned>(byte) & 15]);
    }
    return text;
}

Result<Bytes> fromHex(std::string_view text)
{
    if (text.size() % 2 != 0)
        return invalid("hexadecimal: an odd number of characters");
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hexValue(text[i]);
        const int low = hexValue(text[i + 1]);
        if (high < 0 || low < 0)
            return badCharacter("hexadecimal", high < 0 ? i : i + 1);
        bytes.push_back(static_cast<std::byte>(high << 4 | low));
    }
    return bytes;
}

std::string toBase64(ByteView bytes)
{
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = bytes.size() - i;
        std::uint32_t group = std::to_integer<std::uint32_t>(bytes[i]) << 16;
        if (left > 1)
            group |= std::to_integer<std::uint32_t>(bytes[i + 1]) << 8;
        if (left > 2)
            group |= std::to_integer<std::uint32_t>(bytes[i + 2]);
        text.push_back(kBase64Digits[group >> 18]);
        text.push_back(kBase64Digits[group >> 12 & 63]);
        text.push_back(left > 1 ? kBase64Digits[group >> 6 & 63] : '=');
        text.push_back(left > 2 ? kBase64Digits[group & 63] : '=');
    }
    return text;
}

Result<Bytes> fromBase64(std::string_view text)
{
    if (text.size() % 4 != 0)
        return invalid("base64: the length is not a multiple of four");
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    const std::size_t digits = text.size() - padding;
    for (std::size_t i = 0; i < digits; ++i) {
        const int value = kBase64Values[static_cast<unsigned char>(text[i])];
        if (value < 0)
            return badCharacter("base64", i);
        group = group << 6 | static_cast<std::uint32_t>(value);
        if (i % 4 == 3) {
            bytes.push_back(static_cast<std::byte>(group >> 16));
            bytes.push_back(static_cast<std::byte>(group >> 8));
            bytes.push_back(static_cast<std::byte>(group));
            group = 0;
        }
    }
    if (padding == 1) {
        if ((group & 3) != 0)
            return badCharacter("base64", digits - 1);
        bytes.push_back(static_cast<std::byte>(group >> 10));
        bytes.push_back(static_cast<std::byte>(group >> 2));
    } else if (padding == 2) {
        if ((group & 15) != 0)
            return badCharacter("base64", digits - 1);
        bytes.push_back(static_cast<std::byte>(group >> 4));
    }
    return bytes;
}

} // namespace voelgoed::base

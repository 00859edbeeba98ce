#pragma once

#include "shared/base/result.h"

#include <optional>
#include <string>
#include <string_view>

/// Guest lists that organizers bring from other ticketing systems: bytes in, guests and findings out. Pure.
namespace voelgoed::ticketing::import {

/// How the characters of a file are spelled in bytes.
enum class Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252, ///< what spreadsheets of western Europe write; also reads ISO 8859-1 as it is used
};

/// "UTF-8", as people write it.
std::string_view nameOf(Encoding encoding);
/// Takes what people write ("utf8", "cp1252", "UTF-16LE"); Invalid names the ones that are known.
base::Result<Encoding> encodingNamed(std::string_view name);

enum class ByteOrderMark { Absent, Present };

inline constexpr std::size_t kFileMax = std::size_t{512} << 20;

/// A file's characters in UTF-8, without the mark at its beginning. Borrows the bytes where they are UTF-8 already:
/// they must outlive it.
class Text
{
public:
    Encoding encoding = Encoding::Utf8;
    ByteOrderMark mark = ByteOrderMark::Absent;

    std::string_view view() const { return m_own ? std::string_view(*m_own) : m_borrowed; }

    void borrow(std::string_view text) { m_borrowed = text; }
    void own(std::string text) { m_own = std::move(text); }

private:
    std::string_view m_borrowed;
    std::optional<std::string> m_own;
};

/// Recognises the encoding by its mark; without one UTF-16 by where its zeros lie, UTF-8 by its strict form, and takes
/// what is left for Windows-1252. `given` is believed instead, and a mark that contradicts it is refused.
///
/// Invalid, with line and character: a byte that the encoding does not know (0x81, 0x8D, 0x8F, 0x90 and 0x9D of
/// Windows-1252), half a surrogate pair, a cut off character, a NUL, a byte order mark that is not at the beginning
/// (two files were put together), UTF-8 with some bytes of another encoding. Invalid also: longer than kFileMax.
/// Unsupported: UTF-32.
base::Result<Text> decode(std::string_view bytes, std::optional<Encoding> given = std::nullopt);

} // namespace voelgoed::ticketing::import

#pragma once

#include "server/platform/http/message.h"
#include "shared/base/result.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace voelgoed::http {

/// Content codings (RFC 9110, section 8.4.1; RFC 8878).
enum class Coding { Gzip, Zstd };

std::string_view word(Coding coding);               ///< "gzip"
std::optional<Coding> codingFrom(std::string_view); ///< also "x-gzip"

/// The best coding that an Accept-Encoding allows; nothing when the body should go as it is.
std::optional<Coding> acceptedCoding(std::string_view acceptEncoding);

/// Smaller bodies go as they are.
inline constexpr std::size_t kCompressFrom = 1024;

/// Whether a body of that Content-Type shrinks: text, JSON, XML, protocol messages.
bool isWorthCoding(std::string_view contentType);

/// Compresses piece by piece; each piece can be read by the other side when it comes.
class Encoder
{
public:
    explicit Encoder(Coding coding);
    ~Encoder();
    Encoder(Encoder &&) noexcept;
    Encoder &operator=(Encoder &&) noexcept;

    enum class Piece { More, Last };
    /// Appends to `out` what becomes of `bytes`.
    void add(std::string_view bytes, Piece piece, std::string &out);
    /// All of a body at once; whatever was begun with add() is forgotten.
    void encode(std::string_view bytes, std::string &out);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Decompresses piece by piece up to a limit, whatever the header of the format promises.
class Decoder
{
public:
    Decoder(Coding coding, std::size_t outMax);
    ~Decoder();
    Decoder(Decoder &&) noexcept;
    Decoder &operator=(Decoder &&) noexcept;

    /// Appends to out(). Corrupt when it is no such format, or goes on behind its end; Invalid when more than outMax
    /// would come out.
    base::Result<void> add(std::string_view bytes);
    /// Corrupt when the end has not come.
    base::Result<void> finish();
    std::string &out();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace voelgoed::http

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace voelgoed::http {

/// Takes a chunked body (RFC 9112, section 7.1) apart. Extensions and trailers are read over. (Beast's own reader of
/// chunks, as packaged, ends the program when a last chunk comes in certain pieces.)
class ChunkReader
{
public:
    enum class Found {
        More,  ///< bytes are missing
        Data,  ///< some of the body
        End,   ///< the body is whole
        Fault, ///< a size that is none, a line that is too long or holds control characters
    };
    struct Step
    {
        Found found = Found::More;
        std::string_view data; ///< of `bytes`
    };

    /// The next step. Takes what was used off the front of `bytes`; what is left at More has to come again.
    Step next(std::string_view &bytes);

    /// What is left of the chunk that was begun.
    std::uint64_t remaining() const { return m_remaining; }

private:
    enum class At { Size, Data, DataEnd, Trailer };

    Step takeData(std::string_view &bytes);
    Found takeSize(std::string_view line);
    Found takeTrailer(std::string_view line);

    At m_at = At::Size;
    std::uint64_t m_remaining = 0;
    std::size_t m_trailers = 0; ///< bytes of them
};

} // namespace voelgoed::http

// Compressed bodies: never more than the limit, the same in pieces, and what we compress is understood again.
#include "server/platform/http/coding.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

namespace {

constexpr std::size_t kOutMax = 20'000;

std::optional<std::string> unpacked(http::Coding coding, std::string_view bytes, std::size_t step)
{
    http::Decoder decoder(coding, kOutMax);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
        const bool added = bool(decoder.add(bytes.substr(0, step)));
        ensure(decoder.out().size() <= kOutMax, "more than allowed");
        if (!added)
            return {};
    }
    if (!decoder.finish())
        return {};
    return std::move(decoder.out());
}

} // namespace

void fuzzOne(base::ByteView input)
{
    if (input.empty())
        return;
    const auto coding = std::to_integer<int>(input.front()) % 2 ? http::Coding::Zstd : http::Coding::Gzip;
    const std::string_view bytes = base::textOf(input.subspan(1));
    const auto atOnce = unpacked(coding, bytes, bytes.size() + 1);
    ensure(atOnce == unpacked(coding, bytes, 7), "pieces are another body");
    std::string packed;
    http::Encoder(coding).encode(bytes, packed);
    if (bytes.size() <= kOutMax)
        ensure(unpacked(coding, packed, 1000) == std::string(bytes), "what was packed is not understood");
}

} // namespace voelgoed::fuzz

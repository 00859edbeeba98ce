// However a stream is cut into pieces, the same codes come out, none empty, none too long, none with a line end.
#include "device/core/hal/framer.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

namespace {

std::vector<hal::CodeRead> framed(base::ByteView bytes, std::size_t piece)
{
    hal::Framer framer(domain::Medium::Line);
    std::vector<hal::CodeRead> codes;
    const auto add = [&](std::vector<hal::CodeRead> more) { codes.insert(codes.end(), more.begin(), more.end()); };
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        add(framer.feed(bytes.subspan(at, std::min(piece, bytes.size() - at))));
    add(framer.finish());
    return codes;
}

} // namespace

void fuzzOne(base::ByteView bytes)
{
    const auto whole = framed(bytes, bytes.size() + 1);
    base::ensure(whole == framed(bytes, 1) && whole == framed(bytes, 7), "codes depend on how the stream was cut");
    for (const hal::CodeRead &code : whole) {
        base::ensure(!code.code.empty() && code.code.size() <= hal::kCodeMax, "a code of a wrong length");
        for (const std::byte byte : code.code)
            base::ensure(byte != std::byte{'\n'} && byte != std::byte{'\r'}, "a line end inside a code");
    }
}

} // namespace voelgoed::fuzz

#include "tests/fuzz/fuzz.h"

#include "shared/base/crypto/ed25519.h"
#include "shared/base/crypto/sealed.h"

#include <algorithm>

namespace voelgoed::fuzz {

namespace {

base::Sealer sealer(const base::ExchangePair &receiver)
{
    base::SeededRandom random(1);
    return *base::Sealer::to(receiver.open, random);
}

} // namespace

/// Input: one byte number, then what claims to be sealed. Only what the sealer made opens, and a failure changes
/// nothing.
void fuzzOne(base::ByteView input)
{
    static const base::ExchangePair receiver = *base::ExchangePair::fromSecret(base::Bytes(32, std::byte{5}));
    if (input.empty())
        return;
    const auto number = std::to_integer<std::uint64_t>(input[0]);
    const base::ByteView rest = input.subspan(1);
    const base::ByteView context = base::bytesOf("fuzz");
    base::Sealer honest = sealer(receiver);
    auto opener = base::Opener::from(receiver, honest.ephemeral());
    ensure(opener && !opener->open(number, rest, context), "opened what nobody sealed");
    const base::Bytes sealed = honest.seal(rest, context);
    const auto opened = opener->open(0, sealed, context);
    ensure(opened && std::equal(opened->begin(), opened->end(), rest.begin(), rest.end()), "text does not come back");
    ensure(!opener->open(0, sealed, context), "opened twice");
    (void)base::decryptField(base::Digest{}, rest, context);
    if (rest.size() >= 32) {
        base::ExchangeKey ephemeral;
        std::copy_n(rest.begin(), 32, ephemeral.begin());
        (void)base::Opener::from(receiver, ephemeral);
        (void)base::VerifyingKey::fromRaw(rest.first(32));
    }
}

} // namespace voelgoed::fuzz

#include "tests/fuzz/fuzz.h"

#include "shared/domain/definition_json.h"
#include "shared/domain/definition_write.h"

namespace voelgoed::fuzz {

namespace {

std::optional<domain::EventDefinition> read(const base::Json &json)
{
    base::JsonFailure failure;
    const base::JsonPlace place{json, {}, failure};
    base::ObjectReader fields(place);
    auto definition = domain::readDefinition(fields);
    fields.finish();
    return failure.happened() ? std::nullopt : std::optional(std::move(definition));
}

} // namespace

/// A definition that is taken is written so that it reads back to an equal one.
void fuzzOne(base::ByteView input)
{
    const auto json = base::parseJson(base::textOf(input), {.bytes = 1 << 16});
    if (!json)
        return;
    const auto definition = read(*json);
    if (!definition)
        return;
    const auto again = base::parseJson(base::toText(domain::writeDefinition(*definition)));
    ensure(bool(again), "what was written is no JSON");
    const auto back = read(*again);
    ensure(back && *back == *definition, "what was written reads back to another definition");
}

} // namespace voelgoed::fuzz

// What is said of a serial line is a device and a rate that there is, or refused.
#include "device/hal/serial/serial_source.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView bytes)
{
    const std::string text(base::textOf(bytes));
    const auto options = hal::parseSerialOptions(text);
    if (!options)
        return ensure(options.error().code == base::ErrorCode::Invalid, "refused as something else");
    ensure(!options->device.empty() && text.starts_with(options->device), "another device");
    const std::string whole = options->device + ":" + std::to_string(options->baud);
    const auto again = hal::parseSerialOptions(whole);
    ensure(again && *again == *options && (text == whole || text == options->device), "two spellings of one line");
}

} // namespace voelgoed::fuzz

#include "device/gate/open_gate.h"

namespace voelgoed::gate {

namespace {

/// No clock of this device can be right that is before this.
base::Instant builtAt()
{
    return base::instantFromMillis(std::int64_t{VOELGOED_BUILT_AT} * 1'000);
}

} // namespace

base::Result<OpenGate> openGate(const DataFolder &folder, const OpenGateOptions &options, const Machine &machine)
{
    auto identity = profile::loadOrMakeIdentity(folder.path(), machine.random);
    if (!identity)
        return identity.error();
    OpenGate gate{.identity = std::make_unique<profile::Identity>(std::move(*identity)), .engine = {}};
    auto engine = scan::Engine::open({.path = folder.file(),
                                      .rescue = options.rescue.empty() ? folder.rescueFile() : options.rescue,
                                      .vfs = {},
                                      .aim = options.aim,
                                      .built = builtAt()},
                                     *gate.identity, machine.clock, machine.random);
    if (!engine)
        return engine.error();
    gate.engine = std::move(*engine);
    return gate;
}

} // namespace voelgoed::gate

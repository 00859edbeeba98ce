#include "device/gate/open_gate.h"

#include "shared/base/text.h"

#include "device/core/storage/names.h"
#include "device/core/vault/swap.h"

#include <filesystem>

namespace voelgoed::gate {

namespace {

/// No clock of this device can be right that is before this.
base::Instant builtAt()
{
    return base::instantFromMillis(std::int64_t{VOELGOED_BUILT_AT} * 1'000);
}

/// Damage has one way out, and the folder is to be left alone until then.
base::Error damaged(base::Error error, const DataFolder &folder, const OpenGateOptions &options)
{
    if (error.code != base::ErrorCode::Corrupt)
        return error;
    error.hint = "Leave the folder as it is. See what can be saved: voelgoed-gate repair --data " +
                 base::shellWord(folder.path());
    if (!options.rescue.empty())
        error.hint += " --rescue " + options.rescue;
    return error;
}

/// Where the rescue journal is to be from now on. What the former one holds is brought in before it is left.
base::Result<std::string> rescueOf(const DataFolder &folder, const OpenGateOptions &options,
                                   const profile::Identity &identity, base::Random &random)
{
    const auto former = folder.rescueFile();
    if (options.rescue.empty())
        return former;
    const std::string wanted = std::filesystem::absolute(options.rescue).lexically_normal().string();
    if (!former && former.error().code != base::ErrorCode::NotFound)
        return former.error();
    std::error_code unknown;
    if (former && *former != wanted && std::filesystem::exists(*former, unknown)) {
        const auto emptied = vault::Vault::open(
            {.path = folder.file(), .rescue = *former, .vfs = {}, .device = identity.device}, random);
        if (!emptied)
            return emptied.error();
    }
    return wanted;
}

} // namespace

base::Result<OpenGate> openGate(const DataFolder &folder, const OpenGateOptions &options, const Machine &machine)
{
    auto identity = profile::loadOrMakeIdentity(folder.path(), machine.random);
    if (!identity)
        return identity.error();
    storage::SystemNames names;
    if (auto finished = vault::finishSwap(folder.file(), {}, names); !finished)
        return finished.error();
    std::error_code unknown;
    if (std::filesystem::exists(folder.file(), unknown) && !std::filesystem::is_regular_file(folder.file(), unknown))
        return damaged(base::corrupt(folder.file() + ": this is not a file"), folder, options);
    OpenGate gate{
        .identity = std::make_unique<profile::Identity>(std::move(*identity)), .rescue = {}, .engine = {}, .file = {}};
    const auto rescue = rescueOf(folder, options, *gate.identity, machine.random);
    if (!rescue)
        return damaged(rescue.error(), folder, options);
    auto lock = profile::FileLock::take(*rescue, *rescue + ": another device has this rescue journal");
    if (!lock)
        return lock.error();
    gate.rescue = std::move(*lock);
    auto engine = scan::Engine::open(
        {.path = folder.file(), .rescue = *rescue, .vfs = {}, .aim = options.aim, .built = builtAt()}, *gate.identity,
        machine.clock, machine.random);
    if (!engine)
        return damaged(engine.error(), folder, options);
    if (!options.rescue.empty()) {
        if (auto remembered = folder.rememberRescue(*rescue); !remembered)
            return remembered.error();
    }
    gate.engine = std::move(*engine);
    auto placed = profile::PlacedFile::at(folder.file());
    if (!placed)
        return placed.error();
    gate.file.emplace(std::move(*placed));
    return gate;
}

} // namespace voelgoed::gate

#pragma once

#include "device/core/replica/bundle_file.h"
#include "shared/protocol/bundle_builder.h"

#include <QTemporaryDir>

#include <fstream>
#include <string>

namespace voelgoed::support {

struct BundleOptions
{
    std::uint32_t tickets = 5'000;
    std::uint64_t sequence = 10;
    std::string event = "fest";
    std::string typeName = "Adult"; ///< tells two lists apart
};

/// A small event's bundle as bytes.
inline base::Bytes bundleBytes(const BundleOptions &options, const base::SigningKey &signer)
{
    protocol::Definition definition;
    definition.event.event = {.id = {options.event}, .name = "Fest"};
    definition.event.types = {{.id = {"1"}, .name = options.typeName}};
    definition.event.checkpoints = {{.id = {"main"}, .name = "Main"}};
    definition.keys.shortId = 7;
    definition.keys.sealTo[0] = std::byte{9};
    protocol::BundleBuilder builder(definition);
    for (std::uint32_t n = 1; n <= options.tickets; ++n) {
        domain::CodeHash hash{};
        hash[0] = static_cast<std::byte>(n);
        hash[1] = static_cast<std::byte>(n >> 8);
        builder.add({.ticket = {.ordinal = {n}, .type = {"1"}, .seat = options.typeName + std::to_string(n)},
                     .codes = {{hash, 0, protocol::CodeKind::Foreign, false}}});
    }
    auto parts = builder.finish({.cursor = {{options.event}, 1, options.sequence}, .madeAt = base::Instant()}, signer);
    base::Bytes bytes = std::move(parts.head);
    for (const base::Bytes &chunk : parts.chunks)
        bytes.insert(bytes.end(), chunk.begin(), chunk.end());
    return bytes;
}

inline std::string writeBytes(const QTemporaryDir &folder, const char *name, const base::Bytes &bytes)
{
    const std::string path = folder.filePath(name).toStdString();
    std::ofstream(path, std::ios::binary) << base::textOf(bytes);
    return path;
}

} // namespace voelgoed::support

#pragma once

#include "shared/base/crypto/digest.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/base/random.h"
#include "shared/domain/ids.h"

#include <string>

namespace voelgoed::profile {

/// Who this device is: made once, on the device, and never leaving it.
struct Identity
{
    domain::DeviceId device;  ///< a random UUID
    base::SigningKey signing; ///< vouches for its rows and its requests
    base::Digest dataKey{};   ///< encrypts what is kept of people
};

/// Reads the identity that a data folder holds (`device.json`, readable by its owner alone), or makes it. Corrupt when
/// the file is there and cannot be read: a device never silently becomes another one.
base::Result<Identity> loadOrMakeIdentity(const std::string &folder, base::Random &random);

/// What the file holds: one spelling for each identity, though others are read. Corrupt: the text is none; `path` is
/// for the message.
base::Result<Identity> parseIdentity(const std::string &text, const std::string &path);
std::string printIdentity(const Identity &identity);

/// Reads it, or NotFound.
base::Result<Identity> loadIdentity(const std::string &folder);

/// A random UUID (RFC 9562, version 4) as text.
std::string makeUuid(base::Random &random);

} // namespace voelgoed::profile

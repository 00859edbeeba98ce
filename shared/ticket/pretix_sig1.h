#pragma once

#include "shared/base/bytes.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/base/instant.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// pretix's signed codes, scheme 1, verify only. Facts from pretix/pretix, src/pretix/base/secrets.py and
/// src/pretix/base/secretgenerators/pretix_sig1.proto (read 2026-11): base64 of the following, reversed letter by
/// letter;
///
///     1  version, 1
///     2  length n of the payload, big endian
///     2  length m of the signature, big endian
///     n  payload, Protocol Buffers: 1 seed (string), 2 item, 3 variation, 4 subevent, 5 valid from, 6 valid until
///        (int64; the times in Unix seconds; 0 or absent: none)
///     m  Ed25519 signature of the payload
namespace voelgoed::ticket {

/// Longer texts are refused unread. pretix's own are about 150 characters.
inline constexpr std::size_t kPretixTextMax = 2048;

/// The parts of a code. Nothing in them can be trusted.
struct PretixEnvelope
{
    base::Bytes payload;
    base::Signature signature{};

    friend bool operator==(const PretixEnvelope &, const PretixEnvelope &) = default;
};

struct PretixTicket
{
    std::string seed; ///< up to 255 bytes of UTF-8; makes the code unique
    std::int64_t item = 0;
    std::int64_t variation = 0; ///< 0: none
    std::int64_t subevent = 0;  ///< 0: none
    std::optional<base::Instant> validFrom;
    std::optional<base::Instant> validUntil;

    friend bool operator==(const PretixTicket &, const PretixTicket &) = default;
};

/// Structure only. Invalid when the text does not have the shape: it may still be another foreign code. Each envelope
/// has one text.
base::Result<PretixEnvelope> parsePretix(std::string_view text);
std::string printPretix(const PretixEnvelope &envelope);

/// The payload's fields. Unknown fields are skipped, a field that comes twice counts as it came last (as Protocol
/// Buffers have it); malformed is Corrupt.
base::Result<PretixTicket> readPretixPayload(base::ByteView payload);

/// All of it. Invalid: not such a code. Unauthorized: the event's key did not sign it. Corrupt: signed, and unreadable.
base::Result<PretixTicket> verifyPretix(std::string_view text, const base::VerifyingKey &key);

/// The key as pretix hands it out: base64 of a PEM file that holds an Ed25519 public key (RFC 8410).
base::Result<base::VerifyingKey> pretixKey(std::string_view base64OfPem);

} // namespace voelgoed::ticket

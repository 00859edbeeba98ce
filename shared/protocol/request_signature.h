#pragma once

#include "shared/base/crypto/digest.h"
#include "shared/base/crypto/ed25519.h"
#include "shared/domain/ids.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How a device's requests and the server's answers to them are signed, so that they survive proxies that end TLS, and
/// cannot be replayed.
namespace voelgoed::protocol {

inline constexpr std::string_view kDeviceField = "Voelgoed-Device";
inline constexpr std::string_view kBootField = "Voelgoed-Boot";
inline constexpr std::string_view kCounterField = "Voelgoed-Counter";
inline constexpr std::string_view kSignatureField = "Voelgoed-Signature"; ///< of requests and of answers, in base64

/// What a request's header fields say beside its signature. (boot, counter) rises with each request: `boot` is raised,
/// durably, by each program of the device that begins to send, and its counter begins at 1. It is no journal's epoch.
/// A device has up to three requests under way, which may overtake each other: ReplayWindow.
struct RequestStamp
{
    domain::DeviceId device;
    domain::Epoch boot;
    std::uint64_t counter = 0;

    friend bool operator==(const RequestStamp &, const RequestStamp &) = default;
};

struct RequestParts
{
    std::string_view method; ///< "POST"
    std::string_view target; ///< path with query, as in the request line
    base::ByteView body;     ///< as sent: packed, if it is
};

/// SHA-256 of method's length (u16) · method · target's length (u16) · target · SHA-256 of the body · device's length
/// (u16) · device · boot (u32) · counter (u64), big endian. Method, target and device are at most 65,535 bytes.
base::Digest requestDigest(const RequestParts &request, const RequestStamp &stamp);

/// Ed25519 over "VG-REQUEST-1\0" · that digest.
base::Signature signRequest(const base::Digest &request, const base::SigningKey &device);
bool requestHolds(const base::Digest &request, base::ByteView signature, const base::VerifyingKey &device);

/// Ed25519 by the server's identity key over "VG-REPLY-1\0" · the request's digest · status (u16) · SHA-256 of the body
/// as sent.
base::Signature signReply(const base::Digest &request, std::uint16_t status, base::ByteView body,
                          const base::SigningKey &server);
bool replyHolds(const base::Digest &request, std::uint16_t status, base::ByteView body, base::ByteView signature,
                const base::VerifyingKey &server);

/// The four header fields of a signed request.
std::vector<std::pair<std::string, std::string>> fieldsOf(const RequestStamp &stamp, const base::Signature &signature);

struct StampTexts
{
    std::string_view device, boot, counter, signature;
};

struct SignedStamp
{
    RequestStamp stamp;
    base::Signature signature{};
};

/// Reads the header fields: numbers in decimal without leading zeros, a device of 1 to 128 printable characters.
/// Unauthorized when one cannot be read.
base::Result<SignedStamp> readStamp(const StampTexts &fields);

/// Which counters of a boot were taken: the highest, and which of the 64 below it. A value to be kept by the server for
/// each device.
struct ReplayWindow
{
    domain::Epoch boot;
    std::uint64_t highest = 0;
    std::uint64_t below = 0; ///< bit i: highest - 1 - i was taken

    /// Whether the stamp is new; it is then taken. An earlier boot, a counter of 0 and one further below are not.
    bool take(const RequestStamp &stamp);

    friend bool operator==(const ReplayWindow &, const ReplayWindow &) = default;
};

} // namespace voelgoed::protocol

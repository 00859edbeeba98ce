#include "shared/protocol/pairing.h"

#include "shared/base/crypto/digest.h"
#include "shared/protocol/pairing.pb.h"
#include "shared/protocol/wire.h"

#include <algorithm>

namespace voelgoed::protocol {

using base::Result;

namespace {

constexpr std::string_view kDigitsPrefix{"VG-PAIR-1\0", 10};
constexpr std::size_t kServerMax = 300;

std::string toUrlSafe(std::string base64)
{
    std::replace(base64.begin(), base64.end(), '+', '-');
    std::replace(base64.begin(), base64.end(), '/', '_');
    base64.erase(std::find(base64.begin(), base64.end(), '='), base64.end());
    return base64;
}

Result<base::Bytes> fromUrlSafe(std::string_view text)
{
    if (text.find_first_of("+/=") != std::string_view::npos)
        return base::invalid("a character that base64url does not have");
    std::string base64(text);
    std::replace(base64.begin(), base64.end(), '-', '+');
    std::replace(base64.begin(), base64.end(), '_', '/');
    base64.append((4 - base64.size() % 4) % 4, '=');
    return base::fromBase64(base64);
}

bool isHostCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
}

/// "name", "192.0.2.1" or "[2001:db8::1]": how long it is at the start of `text`; 0: there is none.
std::size_t hostLength(std::string_view text)
{
    if (text.starts_with('[')) {
        const std::size_t end = text.find_first_not_of("0123456789abcdefABCDEF:.", 1);
        return end != std::string_view::npos && end > 2 && text[end] == ']' ? end + 1 : 0;
    }
    const auto end = std::find_if_not(text.begin(), text.end(), isHostCharacter);
    return static_cast<std::size_t>(end - text.begin());
}

bool isPort(std::string_view text)
{
    if (text.empty() || text.size() > 5 || text[0] == '0')
        return false;
    int port = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return false;
        port = port * 10 + (c - '0');
    }
    return port <= 65535;
}

} // namespace

Result<void> checkServerAddress(std::string_view address)
{
    const base::Error wrong = base::invalid("not a server's address: it is https://HOST[:PORT], or http://HOST[:PORT]");
    std::string_view rest = address;
    if (rest.starts_with("https://"))
        rest.remove_prefix(8);
    else if (rest.starts_with("http://"))
        rest.remove_prefix(7);
    else
        return wrong;
    const std::size_t host = hostLength(rest);
    if (host == 0 || address.size() > kServerMax)
        return wrong;
    rest.remove_prefix(host);
    if (rest.empty() || (rest[0] == ':' && isPort(rest.substr(1))))
        return {};
    return wrong;
}

std::string textOf(const PairingCode &code)
{
    wire::PairingCode out;
    out.set_server(code.server);
    out.set_pin(bytesField(code.pin));
    out.set_code(bytesField(code.code));
    return std::string(kPairingPrefix) + toUrlSafe(base::toBase64(serialised(out)));
}

Result<PairingCode> parsePairingCode(std::string_view text)
{
    if (text.size() > kPairingTextMax || !text.starts_with(kPairingPrefix))
        return base::invalid("not a pairing code", "Show the QR code that the server gave for this device.");
    const auto bytes = fromUrlSafe(text.substr(kPairingPrefix.size()));
    if (!bytes)
        return bytes.error().at("pairing code");
    const auto in = parsed<wire::PairingCode>(*bytes, "pairing code");
    if (!in)
        return in.error();
    const auto pin = fixedBytes<base::PublicKey>(in->pin(), "pairing code's key");
    if (!pin)
        return pin.error();
    const auto once = fixedBytes<OneTimeCode>(in->code(), "pairing code's one-time code");
    if (!once)
        return once.error();
    if (const auto address = checkServerAddress(in->server()); !address)
        return address.error().at("pairing code");
    return PairingCode{in->server(), *pin, *once};
}

std::string pairingDigits(const base::PublicKey &server, const base::PublicKey &device, const OneTimeCode &code)
{
    const base::Digest digest = base::sha256({base::bytesOf(kDigitsPrefix), server, device, code});
    const std::uint64_t number = base::bigEndianAt<std::uint64_t>(digest, 0) % 1'000'000;
    std::string digits = std::to_string(number);
    return std::string(6 - digits.size(), '0') + digits;
}

} // namespace voelgoed::protocol

#include "shared/protocol/request_signature.h"

#include "shared/protocol/text_builder.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace voelgoed::protocol {

using base::Result;

namespace {

constexpr std::string_view kRequestPrefix{"VG-REQUEST-1\0", 13};
constexpr std::string_view kReplyPrefix{"VG-REPLY-1\0", 11};
constexpr std::size_t kDeviceMax = 128;
constexpr std::uint64_t kWindow = 64;

base::Bytes requestText(const base::Digest &request)
{
    return TextBuilder(kRequestPrefix).put(request).bytes();
}

base::Bytes replyText(const base::Digest &request, std::uint16_t status, base::ByteView body)
{
    return TextBuilder(kReplyPrefix).put(request).number(status).put(base::sha256(body)).bytes();
}

template <class Unsigned>
std::optional<Unsigned> numberFrom(std::string_view text)
{
    Unsigned number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = problem == std::errc() && end == text.data() + text.size();
    return whole && std::to_string(number) == text ? std::optional(number) : std::nullopt;
}

bool isPrintable(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

} // namespace

base::Digest requestDigest(const RequestParts &request, const RequestStamp &stamp)
{
    const TextBuilder text = TextBuilder()
                                 .putSized(request.method)
                                 .putSized(request.target)
                                 .put(base::sha256(request.body))
                                 .putSized(stamp.device.view())
                                 .number(stamp.boot.value)
                                 .number(stamp.counter);
    return base::sha256(text.bytes());
}

base::Signature signRequest(const base::Digest &request, const base::SigningKey &device)
{
    return device.sign(requestText(request));
}

bool requestHolds(const base::Digest &request, base::ByteView signature, const base::VerifyingKey &device)
{
    return device.verify(requestText(request), signature);
}

base::Signature signReply(const base::Digest &request, std::uint16_t status, base::ByteView body,
                          const base::SigningKey &server)
{
    return server.sign(replyText(request, status, body));
}

bool replyHolds(const base::Digest &request, std::uint16_t status, base::ByteView body, base::ByteView signature,
                const base::VerifyingKey &server)
{
    return server.verify(replyText(request, status, body), signature);
}

std::vector<std::pair<std::string, std::string>> fieldsOf(const RequestStamp &stamp, const base::Signature &signature)
{
    return {{std::string(kDeviceField), stamp.device.text},
            {std::string(kBootField), std::to_string(stamp.boot.value)},
            {std::string(kCounterField), std::to_string(stamp.counter)},
            {std::string(kSignatureField), base::toBase64(signature)}};
}

Result<SignedStamp> readStamp(const StampTexts &fields)
{
    const auto boot = numberFrom<std::uint32_t>(fields.boot);
    const auto counter = numberFrom<std::uint64_t>(fields.counter);
    const auto signature = base::fromBase64(fields.signature);
    const bool device = !fields.device.empty() && fields.device.size() <= kDeviceMax && isPrintable(fields.device);
    if (!boot || !counter || !device || !signature || signature->size() != base::Signature().size())
        return base::Error{
            base::ErrorCode::Unauthorized, "a request without a device's signature, or with a wrong one", {}};
    SignedStamp stamp{{{std::string(fields.device)}, {*boot}, *counter}, {}};
    std::copy(signature->begin(), signature->end(), stamp.signature.begin());
    return stamp;
}

bool ReplayWindow::take(const RequestStamp &stamp)
{
    if (stamp.counter == 0 || stamp.boot < boot)
        return false;
    if (stamp.boot > boot) {
        *this = {.boot = stamp.boot, .highest = stamp.counter, .below = 0};
        return true;
    }
    if (stamp.counter > highest) {
        const std::uint64_t by = stamp.counter - highest;
        const std::uint64_t moved = by < kWindow ? below << by : 0;
        const bool stays = highest > 0 && by <= kWindow;
        below = moved | (stays ? std::uint64_t{1} << (by - 1) : 0);
        highest = stamp.counter;
        return true;
    }
    const std::uint64_t behind = highest - stamp.counter;
    if (behind == 0 || behind > kWindow)
        return false;
    const std::uint64_t bit = std::uint64_t{1} << (behind - 1);
    const bool isNew = (below & bit) == 0;
    below |= bit;
    return isNew;
}

} // namespace voelgoed::protocol

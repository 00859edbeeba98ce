#include "device/core/profile/identity.h"

#include "device/core/profile/files.h"
#include "shared/base/json_reader.h"

#include <boost/json/object.hpp>

#include <algorithm>

namespace voelgoed::profile {

using base::Result;

namespace {

constexpr const char *kFile = "/device.json";
constexpr std::size_t kFileMax = 4096;

} // namespace

std::string makeUuid(base::Random &random)
{
    std::array<std::byte, 16> bytes{};
    random.fill(bytes);
    bytes[6] = (bytes[6] & std::byte{0x0F}) | std::byte{0x40};
    bytes[8] = (bytes[8] & std::byte{0x3F}) | std::byte{0x80};
    std::string text = base::toHex(bytes);
    for (const std::size_t at : {20U, 16U, 12U, 8U})
        text.insert(at, "-");
    return text;
}

Result<Identity> parseIdentity(const std::string &text, const std::string &path)
{
    const auto unreadable = [&](const std::string &why) {
        return base::corrupt(path + ": " + why,
                             "Put it back from a copy. Without it nobody can go on with this folder's scans: leave the "
                             "folder as it is, and work on in a new one.");
    };
    const auto json = base::parseJson(text);
    if (!json)
        return unreadable(json.error().message);
    base::JsonFailure failure;
    const base::JsonPlace place{*json, "", failure};
    base::ObjectReader reader(place);
    const std::string device = reader.require("device").text();
    const auto seed = base::fromHex(reader.require("signing_seed").text());
    const auto data = base::fromHex(reader.require("data_key").text());
    reader.finish();
    if (failure.happened())
        return unreadable(failure.error()->message);
    if (!seed || !data || data->size() != 32 || device.empty())
        return unreadable("a key cannot be read");
    auto signing = base::SigningKey::fromSeed(*seed);
    if (!signing)
        return unreadable(signing.error().message);
    Identity identity{.device = {device}, .signing = std::move(*signing)};
    std::copy(data->begin(), data->end(), identity.dataKey.begin());
    return identity;
}

std::string printIdentity(const Identity &identity)
{
    const boost::json::object json{{"device", identity.device.text},
                                   {"signing_seed", base::toHex(identity.signing.seed())},
                                   {"data_key", base::toHex(identity.dataKey)}};
    return base::toText(json) + "\n";
}

Result<Identity> loadIdentity(const std::string &folder)
{
    const std::string path = folder + kFile;
    const auto text = readFile(path, kFileMax);
    if (!text)
        return text.error();
    return parseIdentity(*text, path);
}

Result<Identity> loadOrMakeIdentity(const std::string &folder, base::Random &random)
{
    auto there = loadIdentity(folder);
    if (there || there.error().code != base::ErrorCode::NotFound)
        return there;
    Identity made{.device = {makeUuid(random)}, .signing = base::SigningKey::generate(random)};
    random.fill(made.dataKey);
    if (auto written = writeSecretFile(folder + kFile, printIdentity(made)); !written)
        return written.error();
    return made;
}

} // namespace voelgoed::profile

#include "device/core/profile/enrolment.h"

#include "device/core/profile/files.h"
#include "shared/base/json_reader.h"

#include <boost/json/object.hpp>

#include <algorithm>
#include <charconv>

namespace voelgoed::profile {

using base::Result;

namespace {

constexpr const char *kFile = "/pairing.json";
constexpr const char *kBootFile = "/requests";
constexpr std::size_t kFileMax = 64 << 10;
// Seconds between the two are a number of 32 bits.
constexpr base::Instant kBootsFrom = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
constexpr base::Instant kBootsUntil = std::chrono::sys_days(std::chrono::year(2100) / 1 / 1);
constexpr const char *kHint = "Pair the device again: voelgoed-gate pair";

} // namespace

std::string printEnrolment(const Enrolment &enrolment)
{
    const std::string pairing =
        protocol::toJson({.state = protocol::PairState::Approved, .assignment = enrolment.assignment});
    boost::json::object json{
        {"server", enrolment.server}, {"revoked", enrolment.revoked}, {"pairing", *base::parseJson(pairing)}};
    if (enrolment.lock)
        json["lock"] = *enrolment.lock;
    return base::toText(json) + "\n";
}

Result<Enrolment> parseEnrolment(const std::string &text)
{
    const auto json = base::parseJson(text);
    if (!json)
        return json.error();
    base::JsonFailure failure;
    const base::JsonPlace place{*json, "", failure};
    base::ObjectReader reader(place);
    Enrolment enrolment{.server = reader.require("server").text(), .assignment = {}};
    enrolment.revoked = reader.boolean("revoked");
    if (const auto lock = reader.find("lock"))
        enrolment.lock = lock->text();
    const base::JsonPlace pairing = reader.require("pairing");
    reader.finish();
    if (failure.happened())
        return *failure.error();
    auto status = protocol::parsePairStatus(base::toText(pairing.json));
    if (!status)
        return status.error();
    if (!status->assignment)
        return base::invalid("nothing was assigned");
    if (auto address = protocol::checkServerAddress(enrolment.server); !address)
        return address.error();
    enrolment.assignment = std::move(*status->assignment);
    return enrolment;
}

Result<std::optional<Enrolment>> loadEnrolment(const std::string &folder)
{
    const std::string path = folder + kFile;
    const auto text = readFile(path, kFileMax);
    if (!text && text.error().code == base::ErrorCode::NotFound)
        return std::optional<Enrolment>();
    if (!text)
        return text.error();
    auto enrolment = parseEnrolment(*text);
    if (!enrolment)
        return base::corrupt(path + ": " + enrolment.error().message, kHint);
    return std::optional(std::move(*enrolment));
}

Result<void> saveEnrolment(const std::string &folder, const Enrolment &enrolment)
{
    return writeSecretFile(folder + kFile, printEnrolment(enrolment));
}

domain::Epoch nextRequestBoot(const std::string &folder, base::Instant wall)
{
    const std::string path = folder + kBootFile;
    const auto text = readFile(path, 32);
    std::uint32_t last = 0;
    // A number that no clock can have led to was never given out.
    const auto most = std::chrono::floor<std::chrono::seconds>(kBootsUntil - kBootsFrom).count() * 3 / 2;
    if (text && (std::from_chars(text->data(), text->data() + text->size(), last).ec != std::errc() || last > most))
        last = 0;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(wall - kBootsFrom).count();
    const bool isPossible = seconds > 0 && wall < kBootsUntil;
    const auto byClock = isPossible ? static_cast<std::uint32_t>(seconds) : 0;
    const std::uint32_t next = std::max(last + 1, byClock);
    static_cast<void>(writeSecretFile(path, std::to_string(next) + "\n"));
    return domain::Epoch{next};
}

} // namespace voelgoed::profile

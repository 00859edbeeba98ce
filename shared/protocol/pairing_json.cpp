// The bodies of a pairing's requests.
#include "shared/base/json_reader.h"
#include "shared/protocol/pairing.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>

namespace voelgoed::protocol {

using base::Result;

namespace {

constexpr std::array<std::string_view, 4> kStates{"pending", "approved", "refused", "expired"};
constexpr std::size_t kNameMax = 200;
constexpr std::size_t kIdMax = 128;
constexpr std::size_t kEventsMax = 100;
constexpr base::JsonLimits kLimits{.bytes = std::size_t{64} << 10, .depth = 8, .values = 1'000};

/// A key or code in hexadecimal digits.
template <class Array>
Array hexIn(const base::JsonPlace &place)
{
    Array array{};
    const std::string text = place.text(array.size() * 2);
    const auto bytes = base::fromHex(text);
    if (!bytes || bytes->size() != array.size())
        place.fail("must be " + std::to_string(array.size() * 2) + " hexadecimal digits");
    else
        std::copy(bytes->begin(), bytes->end(), array.begin());
    return array;
}

Assignment assignmentIn(const base::JsonPlace &place)
{
    base::ObjectReader reader(place);
    Assignment made{.organization = {reader.require("organization").text(kIdMax)}};
    if (const auto name = reader.find("organization_name"))
        made.organizationName = name->text(kNameMax);
    if (const auto events = reader.find("events")) {
        for (std::string &event : events->texts(kEventsMax))
            made.events.push_back({std::move(event)});
    }
    if (const auto gate = reader.find("gate"))
        made.gate = {gate->text()};
    if (const auto checkpoint = reader.find("checkpoint"))
        made.checkpoint = {checkpoint->text()};
    if (const auto direction = reader.find("direction")) {
        const std::string text = direction->text();
        if (text != "entry" && text != "exit")
            direction->fail("must be \"entry\" or \"exit\"");
        made.direction = text == "exit" ? domain::Direction::Exit : domain::Direction::Entry;
    }
    made.sealTo = hexIn<std::array<std::byte, 32>>(reader.require("seal_to"));
    made.server = hexIn<base::PublicKey>(reader.require("server_key"));
    return made;
}

PairState stateIn(const base::JsonPlace &place)
{
    const std::string text = place.text();
    for (std::size_t i = 0; i < kStates.size(); ++i) {
        if (text == kStates[i])
            return static_cast<PairState>(i);
    }
    place.fail("must be \"pending\", \"approved\", \"refused\" or \"expired\"");
    return PairState::Pending;
}

/// Reads one object with `take`.
template <class Value, class Take>
Result<Value> read(std::string_view text, Take take)
{
    const auto json = base::parseJson(text, kLimits);
    if (!json)
        return json.error().at("pairing");
    base::JsonFailure failure;
    const base::JsonPlace place{*json, "", failure};
    base::ObjectReader reader(place);
    Value value = take(reader);
    if (failure.happened())
        return failure.error()->at("pairing");
    return value;
}

} // namespace

std::string_view word(PairState state)
{
    return kStates[static_cast<std::size_t>(state)];
}

std::string toJson(const PairRequest &request)
{
    return base::toText(boost::json::object{{"code", base::toHex(request.code)},
                                            {"device", request.device.text},
                                            {"key", base::toHex(request.key)},
                                            {"name", request.name},
                                            {"model", request.model},
                                            {"version", request.version}});
}

std::string toJson(const PairReply &reply)
{
    return base::toText(boost::json::object{
        {"pairing", reply.pairing}, {"organization", reply.organization}, {"digits", reply.digits}});
}

std::string toJson(const PairStatus &status)
{
    boost::json::object json{{"state", word(status.state)}};
    if (status.assignment) {
        const Assignment &assignment = *status.assignment;
        boost::json::array events;
        for (const domain::EventId &event : assignment.events)
            events.emplace_back(event.text);
        json["assignment"] =
            boost::json::object{{"organization", assignment.organization.text},
                                {"organization_name", assignment.organizationName},
                                {"events", std::move(events)},
                                {"gate", assignment.gate.text},
                                {"checkpoint", assignment.checkpoint.text},
                                {"direction", assignment.direction == domain::Direction::Exit ? "exit" : "entry"},
                                {"seal_to", base::toHex(assignment.sealTo)},
                                {"server_key", base::toHex(assignment.server)}};
    }
    return base::toText(json);
}

Result<PairRequest> parsePairRequest(std::string_view json)
{
    return read<PairRequest>(json, [](base::ObjectReader &reader) {
        PairRequest request{.code = hexIn<OneTimeCode>(reader.require("code")),
                            .device = {reader.require("device").text(kIdMax)},
                            .key = hexIn<base::PublicKey>(reader.require("key"))};
        for (auto [key, text] : {std::pair("name", &request.name), std::pair("model", &request.model),
                                 std::pair("version", &request.version)}) {
            if (const auto place = reader.find(key))
                *text = place->text(kNameMax);
        }
        return request;
    });
}

Result<PairReply> parsePairReply(std::string_view json)
{
    return read<PairReply>(json, [](base::ObjectReader &reader) {
        PairReply reply{.pairing = reader.require("pairing").text(kIdMax)};
        if (const auto name = reader.find("organization"))
            reply.organization = name->text(kNameMax);
        reply.digits = reader.require("digits").text(6);
        return reply;
    });
}

Result<PairStatus> parsePairStatus(std::string_view json)
{
    return read<PairStatus>(json, [](base::ObjectReader &reader) {
        PairStatus status{.state = stateIn(reader.require("state"))};
        if (status.state == PairState::Approved)
            status.assignment = assignmentIn(reader.require("assignment"));
        return status;
    });
}

} // namespace voelgoed::protocol

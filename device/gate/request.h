#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"
#include "shared/domain/ids.h"

#include <optional>
#include <string>
#include <variant>

/// What other commands ask of a folder, whether a gate runs in it or not. On the socket: one line of JSON.
namespace voelgoed::gate {

enum class Style { Text, Json };

struct StatusRequest
{
    Style style = Style::Text;
};

struct ExportRequest
{};

struct WhyRequest
{
    base::Bytes code;
    domain::CheckpointId checkpoint; ///< empty: where the gate stands, or the event's first
    domain::GateId gate;
    Style style = Style::Text;
};

struct LoadRequest
{
    std::string bundle;               ///< an absolute path
    std::optional<base::Bytes> trust; ///< the signer's public key
    enum class Consent { Ask, Given } consent = Consent::Ask;
};

using Request = std::variant<StatusRequest, ExportRequest, WhyRequest, LoadRequest>;

std::string print(const Request &request);
base::Result<Request> parseRequest(const std::string &text);

} // namespace voelgoed::gate

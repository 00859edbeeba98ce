#pragma once

#include "device/core/client/curl_transport.h"
#include "device/gate/ask.h"
#include "shared/protocol/pairing.h"

#include <functional>
#include <memory>
#include <string>

namespace voelgoed::gate {

/// Makes the way to a server; tests make others.
using MakeTransport = std::function<std::unique_ptr<client::Transport>(const client::CurlOptions &)>;

struct PairOptions
{
    std::string folder;
    protocol::PairingCode code;
    std::string name;    ///< what people call this device; empty: the machine's name
    std::string version; ///< of this program
    Style style = Style::Text;
    MakeTransport makeTransport = client::makeCurlTransport;
};

/// Makes the folder's device known to a server: shows the six digits, waits until somebody has compared and approved
/// them there, and keeps what the device was assigned. Exit status 0 when it is paired; 2 when that could not be done;
/// 3 when the server refused, or is not the one whose key was named.
int pair(const PairOptions &options, const Machine &machine, const Streams &streams);

/// What people type: the one-time code in 32 hexadecimal digits.
base::Result<protocol::OneTimeCode> readOneTimeCode(const std::string &text);

} // namespace voelgoed::gate

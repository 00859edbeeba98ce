#include "device/core/client/transport.h"

#include <poll.h>

#include <algorithm>
#include <memory>

namespace voelgoed::client {

std::string_view Response::field(std::string_view lowerCaseName) const
{
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const Field &field) { return field.first == lowerCaseName; });
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

base::Result<Response> fetch(Transport &transport, Request request)
{
    const auto answer = std::make_shared<std::optional<base::Result<Response>>>();
    const auto asked = std::make_shared<Request>(std::move(request));
    const CallId call = transport.start({.make = [asked]() -> base::Result<Request> { return std::move(*asked); },
                                         .read = [answer](base::Result<Response> got) { *answer = std::move(got); }});
    for (;;) {
        for (const Transport::Ended &ended : transport.take()) {
            if (ended.call == call)
                return std::move(**answer);
        }
        pollfd ready{.fd = transport.descriptor(), .events = POLLIN, .revents = 0};
        ::poll(&ready, 1, -1);
    }
}

} // namespace voelgoed::client

#pragma once

#include "shared/base/bytes.h"
#include "shared/base/instant.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How requests reach the server. What they say is nobody's business here.
namespace voelgoed::client {

using Field = std::pair<std::string, std::string>;

/// A body that goes into a file as it comes, and is resumed there: a second call for the same file asks for the rest,
/// if the server says that it is still the same (ETag). Beside the file is `path`.etag.
struct Download
{
    std::string path;
    std::uint64_t sizeMax = 0;
};

struct Request
{
    std::string method = "GET";
    std::string target = "/"; ///< path with query
    std::vector<Field> fields;
    base::Bytes body;
    std::size_t answerMax = std::size_t{1} << 20;          ///< bytes of an answer's body; a longer one is Invalid
    base::Milliseconds timeout = std::chrono::seconds(30); ///< of all; of a download: without a byte
    std::optional<Download> download;
};

struct Response
{
    int status = 0;
    std::vector<Field> fields; ///< names in lower case
    base::Bytes body;          ///< empty where it went into a file
    base::Milliseconds took{}; ///< from the request's first byte to the answer's last

    /// Empty when there is none.
    std::string_view field(std::string_view lowerCaseName) const;
};

/// One request and what is done about it. Both functions run on the transport's thread, so that signing, packing and
/// verifying hold nobody up; they own what they use, and leave what they find where their owner looks for it after
/// take() has named the call.
struct Call
{
    std::function<base::Result<Request>()> make;
    /// Unavailable when the server cannot be reached, Timeout, Unauthorized when it is another one, Invalid when what
    /// it says is no answer or too long a one.
    std::function<void(base::Result<Response>)> read;
};

using CallId = std::uint64_t;

inline constexpr std::size_t kCallsMax = 8; ///< under way at once

/// The door to the network. One thread uses it; it never blocks.
class Transport
{
public:
    virtual ~Transport() = default;

    /// Begins a call. There are kCallsMax at most.
    virtual CallId start(Call call) = 0;
    /// take() will not name it any more. Its functions may still be running, and no longer are when the transport goes.
    virtual void cancel(CallId call) = 0;

    /// Readable while take() has something to give.
    virtual int descriptor() const = 0;

    struct Ended
    {
        CallId call = 0;
        base::Milliseconds ago{}; ///< since its answer was there

        friend bool operator==(const Ended &, const Ended &) = default;
    };
    /// The calls that ended since, after `read` has returned.
    virtual std::vector<Ended> take() = 0;
};

/// Makes one call and waits for its end: for programs that have nothing else to do.
base::Result<Response> fetch(Transport &transport, Request request);

} // namespace voelgoed::client

#pragma once

#include "server/platform/http/head.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace voelgoed::http {

/// Takes one request after the other off a stream of bytes. Knows no sockets: who calls keeps the bytes, and drops what
/// was used.
class RequestReader
{
public:
    explicit RequestReader(std::size_t headerMax);
    ~RequestReader();

    /// Begins a request. Whatever was read of the last one is forgotten.
    void next();

    struct Progress
    {
        std::size_t used = 0; ///< bytes of what was handed in that are done with
        bool done = false;    ///< what was asked for is there
        std::optional<Refusal> refusal;
    };

    /// Reads the header; `bytes` is everything since the last request. Uses nothing until the whole header is there.
    Progress readHead(std::string_view bytes);
    bool begun() const; ///< something of the request has come

    Head &head(); ///< valid once readHead() is done
    const Framing &framing() const;

    /// What is done with the bytes of a body: they are appended, or dropped.
    enum class Body { Keep, Drop };
    /// To be called once after the header. Longer ones are refused with 413 (here already, when the header says so).
    std::optional<Refusal> expectBody(std::size_t max, Body use);
    /// Reads on; done at once when there is no body.
    Progress readBody(std::string_view bytes);
    std::string &body();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace voelgoed::http

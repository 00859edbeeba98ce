#pragma once

#include <cstdint>
#include <string>

namespace voelgoed::app {

/// Where lines go, and in which form.
struct LogOptions
{
    enum class Form { Guess, Json, Readable } form = Form::Guess; ///< Guess: for people on a terminal, else JSON
    std::string file;                                             ///< empty: standard error
    bool isVerbose = false;
};

struct Options
{
    std::string data; ///< the server's folder
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;       ///< 0: any free one
    std::string publicUrl;        ///< how devices reach it; empty: from address and port
    std::string postgres;         ///< empty: a private one. Else a libpq URL of role vg_app
    std::string postgresOwner;    ///< with `postgres`: a URL of role vg_owner, for migrations
    std::string redis;            ///< empty: a private one
    std::string certificate, key; ///< PEM files; empty: made from the server's own key
    std::size_t workers = 2;
    /// New: the database's keys are lost, and it goes on with those of the folder.
    enum class Keys { Known, New } keys = Keys::Known;
    unsigned processes = 1; ///< servers that share the limits' rates while Redis is away
    LogOptions log;
};

} // namespace voelgoed::app

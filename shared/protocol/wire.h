#pragma once

#include "shared/base/bytes.h"

#include <google/protobuf/stubs/logging.h>

#include <string>
#include <string_view>

/// Shared by the encoders of this folder; nobody else includes it. Messages are Protocol Buffers 3 (proto3 encoding);
/// the generated types stay inside this folder's sources.
namespace voelgoed::protocol {

inline constexpr std::size_t kMessageMax = std::size_t{16} << 20;

template <class Message>
base::Bytes serialised(const Message &message)
{
    const std::string text = message.SerializeAsString();
    const base::ByteView bytes = base::bytesOf(text);
    return {bytes.begin(), bytes.end()};
}

template <class Message>
base::Result<Message> parsedInAnySpelling(base::ByteView bytes, std::string_view what)
{
    if (bytes.size() > kMessageMax)
        return base::invalid(std::string(what) + ": longer than " + std::to_string(kMessageMax) + " bytes");
    // It would tell the world of each text that is not UTF-8; the caller is told.
    const google::protobuf::LogSilencer silence;
    Message message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return base::invalid(std::string(what) + ": not a message of this kind");
    return message;
}

inline base::Error notCanonical(std::string_view what)
{
    return base::invalid(std::string(what) + ": not in its canonical form");
}

/// Takes only what an encoder of this format writes: fields in ascending order, shortest numbers, unknown fields of a
/// newer peer last. Everything else would be a second spelling of the same message.
template <class Message>
base::Result<Message> parsed(base::ByteView bytes, std::string_view what)
{
    auto message = parsedInAnySpelling<Message>(bytes, what);
    if (message && message->SerializeAsString() != base::textOf(bytes))
        return notCanonical(what);
    return message;
}

/// Whether `message`, read from `bytes`, is the one spelling of what it says; `known` is the encoding of the value that
/// was made from it. It holds that and a newer peer's fields, and nothing else: no part left out that `known` has, no
/// list in another order.
template <class Message>
base::Result<void> isCanonical(Message message, base::ByteView bytes, const base::Bytes &known, std::string_view what)
{
    if (base::textOf(known) == base::textOf(bytes))
        return {};
    if (message.SerializeAsString() != base::textOf(bytes))
        return notCanonical(what);
    message.DiscardUnknownFields();
    if (message.SerializeAsString() != base::textOf(known))
        return notCanonical(what);
    return {};
}

/// Fills a fixed array from a bytes field.
template <class Array>
base::Result<Array> fixedBytes(const std::string &field, std::string_view what)
{
    Array array{};
    if (field.size() != array.size())
        return base::invalid(std::string(what) + ": " + std::to_string(field.size()) + " bytes instead of " +
                             std::to_string(array.size()));
    const base::ByteView bytes = base::bytesOf(field);
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
}

template <class Array>
std::string bytesField(const Array &array)
{
    return std::string(base::textOf(array));
}

inline base::Bytes bytesFrom(const std::string &field)
{
    const base::ByteView view = base::bytesOf(field);
    return {view.begin(), view.end()};
}

/// A closed choice by its number.
template <class Enum>
base::Result<Enum> choice(std::uint32_t number, Enum last, std::string_view what)
{
    if (number > static_cast<std::uint32_t>(last))
        return base::unsupported(std::string(what) + ": a newer peer's choice (" + std::to_string(number) + ")");
    return static_cast<Enum>(number);
}

} // namespace voelgoed::protocol

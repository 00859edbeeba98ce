#pragma once

#include <boost/asio/ip/address.hpp>

#include <optional>

struct sockaddr;

namespace voelgoed::outbound {

/// Whether an address lies in the public internet (the special-purpose registries of IANA, RFC 6890 and its updates):
/// not private, loopback, link-local (where clouds keep their keys), shared, multicast, reserved or for documentation;
/// no IPv4 address in disguise (mapped, 6to4, Teredo). NAT64 (RFC 6052) is what the address within it is.
bool isPublic(const boost::asio::ip::address &address);

/// The address of a socket address; nothing for families other than IPv4 and IPv6.
std::optional<boost::asio::ip::address> addressOf(const sockaddr &address, std::size_t size);

} // namespace voelgoed::outbound

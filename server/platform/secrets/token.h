#pragma once

#include "shared/base/crypto/digest.h"
#include "shared/base/random.h"

#include <string>
#include <string_view>

namespace voelgoed::secrets {

/// Who a bearer token speaks for, told by its prefix.
enum class TokenKind {
    Session,    ///< "vgs_"
    ApiKey,     ///< "vgk_"
    TestKey,    ///< "vgt_"
    Invitation, ///< "vgi_"
    Reset,      ///< "vgp_": for a new password
};

struct Token
{
    std::string text;    ///< prefix and 43 characters of base64url: 32 random bytes; shown once
    base::Digest hash{}; ///< SHA-256 of the text: what is stored
};

Token newToken(TokenKind kind, base::Random &random);
/// Whether a text has the form of a token of this kind.
bool isToken(TokenKind kind, std::string_view text);
base::Digest hashOfToken(std::string_view text);

/// Whether two secrets are the same, in a time that tells nothing of where they differ. Their sizes are no secret.
bool isSame(base::ByteView one, base::ByteView other);

} // namespace voelgoed::secrets

#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"
#include "shared/domain/row.h"

#include <string>
#include <vector>

namespace voelgoed::hal {

/// What a reader handed over: bytes, and nothing about what they mean.
struct CodeRead
{
    base::Bytes code;
    domain::Medium medium = domain::Medium::Line;
    bool tooLong = false; ///< longer than any code may be: `code` is its beginning

    friend bool operator==(const CodeRead &, const CodeRead &) = default;
};

/// A thing that codes come from as finished texts: a serial scanner, a keyboard-emulating one, the standard input. One
/// thread; never blocks.
class CodeSource
{
public:
    virtual ~CodeSource() = default;

    /// What to wait on until there is something to take; -1 once it has ended.
    virtual int descriptor() const = 0;
    /// How long to wait at most before take() is called anyway; negative: as long as it takes.
    virtual int waitMs() const { return -1; }
    /// What has come in since. Unavailable when the thing is gone for the moment; it may come back.
    virtual base::Result<std::vector<CodeRead>> take() = 0;
    virtual bool hasEnded() const = 0;
    /// For messages: "standard input", "/dev/ttyACM0".
    virtual std::string name() const = 0;
};

} // namespace voelgoed::hal

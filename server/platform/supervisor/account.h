#pragma once

#include "shared/base/result.h"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace voelgoed::supervisor {

/// The user under whose name a child runs.
struct Account
{
    std::string name;
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;
};

/// That user when this process is root, which drops its privileges in the child; nothing otherwise: a child then runs
/// as who this process is. NotFound when root asks for a user that does not exist.
base::Result<std::optional<Account>> accountFor(const std::string &name);

/// Makes a folder of ours that others may pass through (0711), with those above it that are missing. The folder right
/// above becomes passable, too, where that is ours to say. Forbidden when `account` could not reach it, with the folder
/// that is in its way.
base::Result<void> makePassable(const std::string &folder, const std::optional<Account> &account);

/// Makes a folder that is the account's alone (0700).
base::Result<void> makePrivate(const std::string &folder, const std::optional<Account> &account);

} // namespace voelgoed::supervisor

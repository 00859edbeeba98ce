#include "server/platform/supervisor/account.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace voelgoed::supervisor {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

Error failure(const std::string &doing, int number)
{
    return {number == EACCES || number == EPERM ? ErrorCode::Forbidden : ErrorCode::Unavailable,
            doing + ": " + std::strerror(number),
            {}};
}

bool mayPass(const struct stat &folder, const Account &account)
{
    if (folder.st_uid == account.user)
        return (folder.st_mode & S_IXUSR) != 0;
    const bool inGroup = folder.st_gid == account.group ||
                         std::find(account.groups.begin(), account.groups.end(), folder.st_gid) != account.groups.end();
    return (folder.st_mode & (inGroup ? S_IXGRP : S_IXOTH)) != 0;
}

Result<void> checkWay(const fs::path &folder, const Account &account)
{
    for (fs::path at = folder; at.has_relative_path(); at = at.parent_path()) {
        struct stat facts = {};
        if (::stat(at.c_str(), &facts) != 0)
            return failure("looking at " + at.string(), errno);
        if (!mayPass(facts, account))
            return Error{ErrorCode::Forbidden, at.string() + " bars the user " + account.name,
                         "let others pass through it (chmod o+x), or keep the data elsewhere"};
    }
    return {};
}

} // namespace

Result<std::optional<Account>> accountFor(const std::string &name)
{
    if (::geteuid() != 0)
        return std::optional<Account>();
    const passwd *entry = ::getpwnam(name.c_str());
    if (!entry)
        return Error{ErrorCode::NotFound, "there is no user " + name,
                     "install its package, or start as another user than root"};
    Account account{name, entry->pw_uid, entry->pw_gid, {}};
    int count = 64;
    account.groups.resize(static_cast<std::size_t>(count));
    if (::getgrouplist(name.c_str(), entry->pw_gid, account.groups.data(), &count) < 0)
        return Error{ErrorCode::Unsupported, "the user " + name + " is in more than 64 groups", {}};
    account.groups.resize(static_cast<std::size_t>(count));
    return std::optional(std::move(account));
}

Result<void> makePassable(const std::string &folder, const std::optional<Account> &account)
{
    std::error_code code;
    fs::create_directories(folder, code);
    if (code)
        return failure("making " + folder, code.value());
    if (!account)
        return {};
    const fs::path path = fs::absolute(folder).lexically_normal();
    for (const fs::path &ours : {path, path.parent_path()}) {
        struct stat facts = {};
        if (::stat(ours.c_str(), &facts) != 0)
            return failure("looking at " + ours.string(), errno);
        if (facts.st_uid == ::geteuid() && !mayPass(facts, *account) &&
            ::chmod(ours.c_str(), (facts.st_mode & 07777) | S_IXUSR | S_IXGRP | S_IXOTH) != 0)
            return failure("opening " + ours.string(), errno);
    }
    return checkWay(path, *account);
}

Result<void> makePrivate(const std::string &folder, const std::optional<Account> &account)
{
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return failure("making " + folder, errno);
    // Never through a link: what lies in a passable folder is ours, but who knows what it was before.
    if (account && ::lchown(folder.c_str(), account->user, account->group) != 0)
        return failure("giving away " + folder, errno);
    if (::chmod(folder.c_str(), 0700) != 0)
        return failure("closing " + folder, errno);
    return {};
}

} // namespace voelgoed::supervisor

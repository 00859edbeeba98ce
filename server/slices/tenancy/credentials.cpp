#include "server/slices/tenancy/credentials.h"

#include "server/platform/secrets/password.h"

namespace voelgoed::tenancy {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kFindLogin{R"(
SELECT id, password_hash, status, is_platform_admin, is_platform_staff, name FROM tenancy.find_login($1))"};

} // namespace

Task<Result<std::optional<Login>>> findLogin(Context &context, std::string email)
{
    const auto rows = co_await context.run(kFindLogin, pg::Params::of(email));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return std::optional<Login>();
    const auto row = rows->front();
    co_return Login{.user = row.get<base::Uuid>(0),
                    .passwordHash = row.get<std::optional<std::string>>(1),
                    .status = row.get<std::string>(2),
                    .name = row.get<std::string>(5),
                    .isAdmin = row.get<bool>(3),
                    .isStaff = row.get<bool>(4)};
}

base::Error wrongCredentials()
{
    return {base::ErrorCode::Unauthorized, "wrong address or password", "Address or password is wrong.",
            "wrong_credentials"};
}

Task<Result<void>> prove(Context &, Tenancy &tenancy, std::optional<Login> login, std::string password)
{
    const std::string hash = login ? login->passwordHash.value_or(secrets::hashOfNobody()) : secrets::hashOfNobody();
    const bool holds =
        co_await tenancy.kernel.workers.run([hash, password] { return secrets::passwordHolds(hash, password); });
    if (!login || !holds)
        co_return wrongCredentials();
    if (login->status != "active")
        co_return actions::forbidden("user_" + login->status, login->status == "pending"
                                                                  ? "The address is not confirmed yet."
                                                                  : "This account is disabled.");
    co_return Result<void>();
}

std::string_view loginResult(const base::Error &error)
{
    if (error.word == wrongCredentials().word)
        return "wrong";
    return error.word.starts_with("user_") ? "not_active" : "refused";
}

} // namespace voelgoed::tenancy

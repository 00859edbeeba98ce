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

base::Error wrongCredentials()
{
    return {base::ErrorCode::Unauthorized, "wrong address or password", "Address or password is wrong.",
            "wrong_credentials"};
}

Task<Result<Proven>> prove(Context &context, Tenancy &tenancy, std::string email, std::string password)
{
    const auto rows = co_await context.run(kFindLogin, pg::Params::of(email));
    if (!rows)
        co_return rows.error();
    std::string hash = secrets::hashOfNobody();
    if (!rows->empty())
        hash = rows->front().get<std::optional<std::string>>(1).value_or(hash);
    const bool holds =
        co_await tenancy.kernel.workers.run([hash, password] { return secrets::passwordHolds(hash, password); });
    if (rows->empty() || !holds)
        co_return wrongCredentials();
    const auto row = rows->front();
    const std::string status = row.get<std::string>(2);
    if (status != "active")
        co_return actions::forbidden("user_" + status, status == "pending" ? "The address is not confirmed yet."
                                                                           : "This account is disabled.");
    co_return Proven{row.get<base::Uuid>(0), row.get<bool>(3), row.get<bool>(4), row.get<std::string>(5)};
}

} // namespace voelgoed::tenancy

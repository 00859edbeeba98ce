#include "server/platform/pg/migrate.h"

namespace voelgoed::pg {

namespace {

// vg_owner is a member of vg_ops only to be able to give functions to it.
constexpr std::string_view kRoles = R"(
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vg_owner') THEN
        CREATE ROLE vg_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vg_app') THEN
        CREATE ROLE vg_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vg_ops') THEN
        CREATE ROLE vg_ops NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
    END IF;
    IF NOT pg_catalog.pg_has_role('vg_owner', 'vg_ops', 'member') THEN
        GRANT vg_ops TO vg_owner;
    END IF;
END $$;
)";

} // namespace

std::string_view rolesSql()
{
    return kRoles;
}

} // namespace voelgoed::pg

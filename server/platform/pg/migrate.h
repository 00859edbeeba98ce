#pragma once

#include "server/platform/async/task.h"

#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::pg {

/// One step of a database's way, embedded from `migrations/NNNN_name.sql` of a slice (voelgoed_migrations() in
/// packaging/cmake). Run once, in a transaction of its own, as vg_owner. Names in it have their schema before them.
/// Never changed once it was released.
struct Migration
{
    std::string_view slice;
    int number = 0; ///< from 1, without gaps in a slice
    std::string_view name;
    std::string_view sql;

    std::string text() const; ///< "events/0001_venues"
};

/// What there was to do.
struct Migrated
{
    std::vector<std::string> run;   ///< migrations of this call, in order
    std::vector<std::string> newer; ///< behind the last that this build knows: another server has been upgraded already
};

/// The kernel's own: schema app, app.org(), app.protect(), app.give_to_ops(). First of all.
std::vector<Migration> migrations();

/// Runs what has not been run yet, in the order given, over one connection as vg_owner. Several servers may do it at
/// once: one does, the others wait. Each is recorded with the SHA-256 of its text in platform.migrations. Refused
/// before anything is run, with its name: one whose text has changed since (Corrupt), one that is missing before others
/// of its slice that were run (Conflict). One that fails leaves nothing behind, and ends the call; those before it
/// stay.
async::Task<base::Result<Migrated>> migrate(std::string ownerUrl, std::vector<Migration> migrations);

/// Whether all of that has been run, asked as vg_app, which runs nothing: for servers whose database somebody else
/// migrates. Conflict, with the first that is missing; Corrupt as above. Newer ones do not matter.
async::Task<base::Result<void>> checkMigrated(std::string url, std::vector<Migration> migrations);

/// What an administrator does once for each PostgreSQL, as its superuser; repeating it changes nothing. The roles
/// vg_owner (owns everything, logs in to migrate), vg_app (the server: owns nothing, bound by row security) and vg_ops
/// (no login, not bound: owner of the few functions that look across organizations), and the database, which vg_owner
/// owns and only vg_app may otherwise enter. `adminUrl` leads to any database of the PostgreSQL.
async::Task<base::Result<void>> makeDatabase(std::string adminUrl, std::string database);

/// The statements of makeDatabase() that make the roles, for administrators who would rather run them by hand.
std::string_view rolesSql();

} // namespace voelgoed::pg

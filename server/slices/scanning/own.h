#pragma once

#include "server/contracts/badges.h"
#include "server/platform/access/policy.h"
#include "server/platform/actions/context.h"

/// Whose an event is, and what of it is the caller's own, for who may see and do no more than that.
namespace voelgoed::scanning {

/// NotFound when the caller's organization has no such event.
async::Task<base::Result<void>> hasEvent(actions::Context &context, base::Uuid event);

/// A device's own event is the one that it was put at, a member's one of which a badge is worn.
async::Task<base::Result<bool>> isOwnEvent(contracts::Badges &badges, access::Actor actor, base::Uuid event);

/// Nothing where the caller may have the whole event, or has it for its own; NotFound otherwise.
async::Task<base::Result<void>> reachEvent(actions::Context &context, contracts::Badges &badges, base::Uuid event);

/// Forbidden (device_locked) for a device that was locked: it begins nothing and lets nobody in.
base::Result<void> checkUnlocked(const access::Actor &actor);

/// A device acts at its own gate and at no other. Anybody else at all of them.
bool isAtGate(const access::Actor &actor, const std::string &gate);

/// What scans are of that are judged here: the caller's own scanner, so that no two callers are taken for one.
std::string scannerOf(const access::Actor &actor, const std::string &name);

} // namespace voelgoed::scanning

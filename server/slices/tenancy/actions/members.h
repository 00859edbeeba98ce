#pragma once

#include "server/slices/tenancy/actions/sessions.h"

/// The people of an organization.
namespace voelgoed::tenancy {

enum class RoleWord { Owner, Admin, Staff, Viewer, ScannerOnly };
BOOST_DESCRIBE_ENUM(RoleWord, Owner, Admin, Staff, Viewer, ScannerOnly)

struct Member
{
    base::Uuid id{};
    std::string email, firstName, lastName, status, role;
    std::vector<std::string> grants;
    bool support = false;
    base::Instant joinedAt;
    std::int32_t version = 1;
};
BOOST_DESCRIBE_STRUCT(Member, (), (id, email, firstName, lastName, status, role, grants, support, joinedAt, version))

struct ListMembers
{
    base::Uuid organization{};
    std::optional<base::Uuid> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListMembers, (), (organization, after, limit))

struct Members
{
    std::vector<Member> data; ///< by id
    bool hasMore = false;
    std::optional<base::Uuid> next;
};
BOOST_DESCRIBE_STRUCT(Members, (), (data, hasMore, next))

struct Invite
{
    base::Uuid organization{};
    actions::Text<254> email;
    RoleWord role = RoleWord::Viewer;
};
BOOST_DESCRIBE_STRUCT(Invite, (), (organization, email, role))

struct Invited
{
    base::Uuid id{};
    std::string token; ///< shown once
};
BOOST_DESCRIBE_STRUCT(Invited, (), (id, token))

struct Accept
{
    actions::Text<100> token;
    actions::Text<254> email;                   ///< must be the one that was invited
    std::optional<actions::Text<200>> password; ///< of the account; of somebody who has none yet: the one to be
    std::optional<actions::Text<100>> firstName;
    std::optional<actions::Text<100>> lastName;
};
BOOST_DESCRIBE_STRUCT(Accept, (), (token, email, password, firstName, lastName))

struct MemberChange
{
    base::Uuid organization{};
    base::Uuid member{};
    RoleWord role = RoleWord::Viewer;
    std::optional<std::vector<std::string>> grants;
};
BOOST_DESCRIBE_STRUCT(MemberChange, (), (organization, member, role, grants))

struct OneMember
{
    base::Uuid organization{};
    base::Uuid member{};
};
BOOST_DESCRIBE_STRUCT(OneMember, (), (organization, member))

async::Task<base::Result<Members>> listMembers(actions::Context &context, Tenancy &tenancy, ListMembers in);
async::Task<base::Result<Invited>> inviteMember(actions::Context &context, Tenancy &tenancy, Invite in);
async::Task<base::Result<actions::Nothing>> acceptInvitation(actions::Context &context, Tenancy &tenancy, Accept in);
async::Task<base::Result<Member>> changeMember(actions::Context &context, Tenancy &tenancy, MemberChange in);
async::Task<base::Result<actions::Nothing>> removeMember(actions::Context &context, Tenancy &tenancy, OneMember in);

/// One of the organization whose rows the call sees. NotFound.
async::Task<base::Result<Member>> findMember(actions::Context &context, base::Uuid id);
/// The same, and until the call ends nobody else changes or removes it: what is decided by its role stays true.
async::Task<base::Result<Member>> holdMember(actions::Context &context, base::Uuid id);

void addMemberActions(Tenancy &tenancy);

} // namespace voelgoed::tenancy

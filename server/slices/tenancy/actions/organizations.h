#pragma once

#include "server/slices/tenancy/actions/sessions.h"

/// Organizations and their settings.
namespace voelgoed::tenancy {

enum class OrganizationStatus { Active, Suspended, Archived };
BOOST_DESCRIBE_ENUM(OrganizationStatus, Active, Suspended, Archived)

enum class Currency { Zar, Usd, Eur, Gbp };
BOOST_DESCRIBE_ENUM(Currency, Zar, Usd, Eur, Gbp)

struct NewOrganization
{
    actions::Text<200> name;
    actions::Text<63> slug;
    actions::Text<254> ownerEmail;
    std::optional<actions::Text<200>> ownerPassword; ///< absent: the owner is invited, and chooses one
    std::optional<actions::Text<100>> ownerFirstName;
    std::optional<actions::Text<100>> ownerLastName;
    std::optional<actions::Text<64>> timezone;
};
BOOST_DESCRIBE_STRUCT(NewOrganization, (),
                      (name, slug, ownerEmail, ownerPassword, ownerFirstName, ownerLastName, timezone))

struct OrganizationOut
{
    base::Uuid id{};
    std::string name, slug, status;
    std::int32_t version = 1;
    std::optional<std::string> invitation; ///< the first owner's token, where one was invited; shown once
};
BOOST_DESCRIBE_STRUCT(OrganizationOut, (), (id, name, slug, status, version, invitation))

struct OneOrganization
{
    base::Uuid organization{};
};
BOOST_DESCRIBE_STRUCT(OneOrganization, (), (organization))

struct OrganizationChange
{
    base::Uuid organization{};
    std::optional<actions::Text<200>> name;
    std::optional<actions::Text<63>> slug;
};
BOOST_DESCRIBE_STRUCT(OrganizationChange, (), (organization, name, slug))

struct StatusChange
{
    base::Uuid organization{};
    OrganizationStatus status = OrganizationStatus::Active;
    actions::Reason reason;
};
BOOST_DESCRIBE_STRUCT(StatusChange, (), (organization, status, reason))

struct ListOrganizations
{
    std::optional<actions::Text<63>> after;
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListOrganizations, (), (after, limit))

struct OrganizationList
{
    std::vector<OrganizationOut> data;
    bool hasMore = false;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(OrganizationList, (), (data, hasMore, next))

async::Task<base::Result<OrganizationOut>> createOrganization(actions::Context &context, Tenancy &tenancy,
                                                              NewOrganization in);
async::Task<base::Result<OrganizationOut>> showOrganization(actions::Context &context, Tenancy &tenancy,
                                                            OneOrganization in);
async::Task<base::Result<OrganizationOut>> changeOrganization(actions::Context &context, Tenancy &tenancy,
                                                              OrganizationChange in);
async::Task<base::Result<OrganizationOut>> changeStatus(actions::Context &context, Tenancy &tenancy, StatusChange in);
async::Task<base::Result<OrganizationList>> listOrganizations(actions::Context &context, Tenancy &tenancy,
                                                              ListOrganizations in);

void addOrganizationActions(Tenancy &tenancy);

} // namespace voelgoed::tenancy

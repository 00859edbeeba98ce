#include "server/cli/verbs/verbs.h"

namespace voelgoed::cli {

using base::Result;

namespace {

const std::vector<Column> kColumns{{"SHORT NAME", "slug"}, {"NAME", "name"}, {"STATUS", "status"}, {"ID", "id"}};

struct NewOrganization
{
    std::string slug, name, owner, passwordFile, timezone, first, last;
};

Result<Exit> create(Shell &shell, const NewOrganization &in)
{
    base::Json body{{"slug", in.slug}, {"name", in.name.empty() ? in.slug : in.name}, {"owner_email", in.owner}};
    auto &fields = body.as_object();
    if (!in.passwordFile.empty()) {
        const auto password = secretFrom(in.passwordFile, {});
        if (!password)
            return password.error();
        fields["owner_password"] = boost::json::string(*password);
    }
    for (const auto &[name, value] : {std::pair("timezone", in.timezone), std::pair("owner_first_name", in.first),
                                      std::pair("owner_last_name", in.last)}) {
        if (!value.empty())
            fields[name] = boost::json::string(value);
    }
    const auto made = shell.post("/v1/orgs", body);
    if (!made)
        return made.error();
    const Exit exit = shell.show(*made, {{"Short name", "slug"}, {"Name", "name"}, {"Id", "id"}});
    if (!shell.isJson() && made->at("invitation").is_string())
        shell.note("The owner accepts with this token, which is shown once: " + plainText(made->at("invitation")));
    return exit;
}

Result<Exit> change(Shell &shell, const std::string &id, const std::string &status, const std::string &reason)
{
    const auto changed = shell.post("/v1/orgs/" + escaped(id) + "/status", {{"status", status}, {"reason", reason}});
    if (!changed)
        return changed.error();
    return shell.show(*changed, {{"Short name", "slug"}, {"Status", "status"}});
}

} // namespace

void addOrganization(CLI::App &program, Shell &shell)
{
    auto *org = program.add_subcommand("org", "Organizations");
    org->require_subcommand(1);

    auto *make = org->add_subcommand("create", "Create an organization with its first owner (platform administrators)");
    auto in = std::make_shared<NewOrganization>();
    make->add_option("SLUG", in->slug, "Its short name: lower-case letters, digits and dashes")->required();
    make->add_option("--name", in->name, "Its name for people");
    make->add_option("--owner", in->owner, "The first owner's e-mail address")->required();
    make->add_option("--owner-first-name", in->first);
    make->add_option("--owner-last-name", in->last);
    make->add_option("--owner-password-file", in->passwordFile, "Else the owner gets an invitation");
    make->add_option("--timezone", in->timezone, "Africa/Johannesburg, if nothing is said");
    shell.choose(make, [&shell, in] { return create(shell, *in); });

    auto *list = org->add_subcommand("list", "All organizations (platform administrators)");
    auto after = std::make_shared<std::string>();
    list->add_option("--after", *after, "The last short name of the page before");
    shell.choose(list, [&shell, after]() -> Result<Exit> {
        const auto found = shell.get("/v1/orgs", {{"after", *after}, {"limit", "100"}});
        if (!found)
            return found.error();
        return shell.show(*found, kColumns);
    });

    auto *show = org->add_subcommand("show", "One's own organization");
    shell.choose(show, [&shell]() -> Result<Exit> {
        const auto id = shell.organization();
        if (!id)
            return id.error();
        const auto found = shell.get("/v1/orgs/" + *id);
        if (!found)
            return found.error();
        return shell.show(*found, {{"Short name", "slug"}, {"Name", "name"}, {"Status", "status"}, {"Id", "id"}});
    });

    for (const auto &[verb, status, help] :
         {std::tuple("suspend", "suspended", "Suspend an organization: nothing new, and its gates go on"),
          std::tuple("resume", "active", "Take a suspension back")}) {
        auto *move = org->add_subcommand(verb, help);
        auto id = std::make_shared<std::string>();
        auto why = std::make_shared<std::string>();
        move->add_option("ID", *id)->required();
        move->add_option("--why", *why)->required();
        shell.choose(move,
                     [&shell, id, why, status = std::string(status)] { return change(shell, *id, status, *why); });
    }
}

} // namespace voelgoed::cli

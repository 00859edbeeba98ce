#pragma once

#include "tests/server/app/all_slices.h"

#include <functional>
#include <map>
#include <string>

namespace voelgoed::test {

/// Makes things of one organization for actions to change: each time it is asked, fresh ones.
class Workshop
{
public:
    /// Writes the organization into the bench's database.
    Workshop(ServerBench &bench, base::Uuid organization);

    access::Actor owner() const { return member(m_organization, access::Role::Owner); }
    const base::Uuid &organization() const { return m_organization; }

    /// "draft", "published", "live", "ended" or "cancelled"; its id.
    std::string event(const std::string &status = "draft");
    /// The path of a ticket of a fresh event, to which these verbs were done.
    std::string ticket(std::initializer_list<const char *> verbs = {});
    std::string device(const std::string &status); ///< its id; its digits are 123456
    std::string quarantined();                     ///< its path
    std::string stray();                           ///< likewise
    std::string person();                          ///< a member's id, who is in no other organization
    std::string incident();                        ///< its path
    std::string session();                         ///< the path of one that is open
    std::string apiKey();                          ///< its id
    /// A word that was never given before.
    std::string word(const std::string &begin) { return begin + std::to_string(++m_made); }

    Ask post(std::string target, base::Json body = boost::json::object()) const
    {
        return {owner(), http::Method::Post, std::move(target), std::move(body)};
    }

private:
    Reply done(Ask ask);

    ServerBench &m_bench;
    base::Uuid m_organization;
    int m_made = 0;
};

/// A whole server on a Postgres of its own, and an organization in which things are made.
struct Stage
{
    Postgres postgres;
    ServerBench bench{postgres, AllSlices::make()};
    Workshop shop{bench, tenant(1)};

    /// Under an idempotency key that nobody had.
    Reply call(Ask ask)
    {
        ask.fields.emplace_back("Idempotency-Key", "key " + std::to_string(++m_keys));
        return bench.call(std::move(ask));
    }

private:
    int m_keys = 0;
};

/// A request that does something, by the name of the action that it is for: each time something else, as nothing that
/// it changes was changed before. One for every action that takes an idempotency key.
const std::map<std::string, std::function<Ask(Workshop &)>> &exampleAsks();

} // namespace voelgoed::test

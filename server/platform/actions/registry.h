#pragma once

#include "server/platform/actions/action.h"

#include <deque>
#include <map>

namespace voelgoed::actions {

/// All actions of a server. Filled once, before anything is served.
class Registry
{
public:
    /// Two actions of one name or one route are a bug, and so is a route whose fields the input does not have.
    template <class Slice, class In, class Out>
    void add(const Declaration &declaration, Slice &slice,
             async::Task<base::Result<Out>> (*run)(Context &, Slice &, In))
    {
        put(makeAction<Slice, In, Out>(declaration, slice, run));
    }

    const std::deque<Action> &all() const { return m_actions; }
    const Action *byName(std::string_view name) const;

    struct Match
    {
        const Action *action = nullptr; ///< nothing: no action of this route, or none of this method
        std::vector<std::pair<std::string, std::string>> fields;
    };
    /// Literal segments win over fields.
    Match match(http::Method method, const std::vector<std::string> &segments) const;
    /// The methods that a route has; none: there is no such route.
    std::vector<http::Method> methodsOf(const std::vector<std::string> &segments) const;

private:
    void put(Action action);
    /// Those whose route may be this one.
    const std::vector<const Action *> &actionsNear(const std::vector<std::string> &segments) const;

    std::deque<Action> m_actions;
    std::map<std::string, std::vector<const Action *>, std::less<>> m_byResource; ///< by the second segment
};

} // namespace voelgoed::actions

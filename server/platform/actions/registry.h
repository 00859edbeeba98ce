#pragma once

#include "server/platform/actions/action.h"

#include <deque>

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
        std::vector<http::Method> methods; ///< that the route has
    };
    /// Literal segments win over fields.
    Match match(http::Method method, const std::vector<std::string> &segments) const;

private:
    void put(Action action);

    std::deque<Action> m_actions;
};

} // namespace voelgoed::actions

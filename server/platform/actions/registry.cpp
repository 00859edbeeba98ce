#include "server/platform/actions/registry.h"

#include "shared/base/ensure.h"

#include <algorithm>

namespace voelgoed::actions {

namespace {

bool isField(const std::string &segment)
{
    return segment.front() == '{';
}

/// How many segments are literal, the first ones counting most; nothing when it is not this route.
std::optional<std::size_t> likeness(const std::vector<std::string> &route, const std::vector<std::string> &asked)
{
    if (route.size() != asked.size())
        return std::nullopt;
    std::size_t likeness = 0;
    for (std::size_t i = 0; i < route.size(); ++i) {
        if (!isField(route[i]) && route[i] != asked[i])
            return std::nullopt;
        likeness = 2 * likeness + (isField(route[i]) ? 0 : 1);
    }
    return likeness;
}

} // namespace

std::vector<std::string> detail::segmentsOf(std::string_view route)
{
    std::vector<std::string> segments;
    for (std::size_t at = 1; at < route.size();) {
        const std::size_t end = std::min(route.find('/', at), route.size());
        std::string segment(route.substr(at, end - at));
        if (segment.front() == '{')
            segment.pop_back();
        segments.push_back(std::move(segment));
        at = end + 1;
    }
    return segments;
}

std::string detail::cursorOf(const base::Json &input, const base::Json &output)
{
    const auto has = [](const base::Json &schema, std::string_view name) {
        const auto *properties = schema.as_object().if_contains("properties");
        return properties && properties->as_object().contains(name);
    };
    if (!has(output, "next") || !has(output, "has_more"))
        return {};
    for (const char *name : {"after", "before"}) {
        if (has(input, name))
            return name;
    }
    base::ensure(false, "a page whose `next` no field of the input is for");
    return {};
}

void Registry::put(Action action)
{
    const std::string name(action.declaration.name);
    base::ensure(!byName(name), ("two actions are called " + name).c_str());
    for (const Action &other : m_actions) {
        base::ensure(other.declaration.route != action.declaration.route ||
                         other.declaration.method != action.declaration.method,
                     ("two actions have the route of " + name).c_str());
    }
    const auto &properties = action.input.at("properties").as_object();
    for (const std::string &segment : action.segments) {
        base::ensure(!isField(segment) || properties.contains(segment.substr(1)),
                     ("the route of " + name + " has a field that its input has not").c_str());
    }
    base::ensure(action.segments.size() >= 2 && !isField(action.segments[1]),
                 ("the route of " + name + " does not begin with a version and a resource").c_str());
    m_actions.push_back(std::move(action));
    m_byResource[m_actions.back().segments[1]].push_back(&m_actions.back());
}

const Action *Registry::byName(std::string_view name) const
{
    const auto found = std::find_if(m_actions.begin(), m_actions.end(),
                                    [&](const Action &action) { return action.declaration.name == name; });
    return found == m_actions.end() ? nullptr : &*found;
}

const std::vector<const Action *> &Registry::actionsNear(const std::vector<std::string> &segments) const
{
    static const std::vector<const Action *> kNone;
    const auto found = segments.size() < 2 ? m_byResource.end() : m_byResource.find(segments[1]);
    return found == m_byResource.end() ? kNone : found->second;
}

Registry::Match Registry::match(http::Method method, const std::vector<std::string> &segments) const
{
    Match match;
    std::optional<std::size_t> best;
    for (const Action *action : actionsNear(segments)) {
        if (action->declaration.method != method)
            continue;
        const auto alike = likeness(action->segments, segments);
        if (alike && (!best || *alike > *best)) {
            best = alike;
            match.action = action;
        }
    }
    for (std::size_t i = 0; match.action && i < segments.size(); ++i) {
        if (isField(match.action->segments[i]))
            match.fields.emplace_back(match.action->segments[i].substr(1), segments[i]);
    }
    return match;
}

std::vector<http::Method> Registry::methodsOf(const std::vector<std::string> &segments) const
{
    std::vector<http::Method> methods;
    for (const Action *action : actionsNear(segments)) {
        if (likeness(action->segments, segments))
            methods.push_back(action->declaration.method);
    }
    return methods;
}

} // namespace voelgoed::actions

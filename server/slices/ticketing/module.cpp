#include "server/slices/ticketing/module.h"

#include "server/slices/ticketing/actions/changes.h"
#include "server/slices/ticketing/actions/documents.h"
#include "server/slices/ticketing/actions/import.h"
#include "server/slices/ticketing/actions/issue.h"
#include "server/slices/ticketing/actions/keys.h"
#include "server/slices/ticketing/actions/reading.h"
#include "server/slices/ticketing/event_types.h"
#include "server/slices/ticketing/migrations.h"

namespace voelgoed::ticketing {

namespace {

void addTopics(topics::Topics &topics, contracts::EventDefinitions &events)
{
    using topics::Family;
    topics.family({.pattern = topics::kTicketingOfEvent,
                   .policy = access::Policy::may(access::Permission::ReadOrders),
                   .whose = Family::Whose::Checked,
                   .wildcard = Family::Wildcard::Yes,
                   .check = [&events](topics::Joining joining) -> async::Task<base::Result<bool>> {
                       const auto event = base::uuidFrom(joining.id);
                       if (joining.id == "*" || !event || !joining.actor.organization)
                           co_return joining.id == "*";
                       const auto found = co_await events.find(*joining.actor.organization, *event);
                       if (!found)
                           co_return found.error();
                       co_return *found != nullptr;
                   }});
}

class Module final : public platform::Slice
{
public:
    Module(platform::Kernel &kernel, const Needs &needs)
        : m_ticketing{kernel, needs.events, needs.feed, needs.organizations, Signer(kernel.seal, kernel.random)}
    {
        addReadingActions(m_ticketing);
        addImportActions(m_ticketing);
        addIssueActions(m_ticketing);
        addChangeActions(m_ticketing);
        addDocumentActions(m_ticketing);
        addKeyActions(m_ticketing);
        addTopics(kernel.topics, needs.events);
        addEventTypes(kernel.eventTypes);
    }

    std::string_view name() const override { return "ticketing"; }
    std::vector<pg::Migration> migrations() const override { return ticketing::migrations(); }
    contracts::EventKeyRings &keys() { return m_ticketing.signer; }

private:
    Ticketing m_ticketing;
};

} // namespace

Made make(platform::Kernel &kernel, const Needs &needs)
{
    auto module = std::make_unique<Module>(kernel, needs);
    contracts::EventKeyRings *keys = &module->keys();
    return {std::move(module), keys};
}

} // namespace voelgoed::ticketing

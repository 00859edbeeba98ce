#include "server/slices/scanning/module.h"

#include "server/slices/scanning/actions/scan.h"
#include "server/slices/scanning/actions/sync.h"
#include "server/slices/scanning/migrations.h"

namespace voelgoed::scanning {

namespace {

class Module final : public platform::Slice
{
public:
    Module(platform::Kernel &kernel, contracts::Devices &devices) : m_scanning(kernel, devices)
    {
        addSyncActions(m_scanning);
        addScanActions(m_scanning);
    }

    std::string_view name() const override { return "scanning"; }
    std::vector<pg::Migration> migrations() const override { return scanning::migrations(); }
    contracts::EventFeed &feed() { return m_scanning.feed; }

private:
    Scanning m_scanning;
};

} // namespace

Made make(platform::Kernel &kernel, contracts::Devices &devices)
{
    auto module = std::make_unique<Module>(kernel, devices);
    contracts::EventFeed *feed = &module->feed();
    return {std::move(module), feed};
}

} // namespace voelgoed::scanning

#pragma once

#include "server/app/composition.h"
#include "tests/support/server_bench.h"

namespace voelgoed::test {

/// All slices of the server as one, for a bench: put together as the server does it.
class AllSlices final : public platform::Slice
{
public:
    explicit AllSlices(platform::Kernel &kernel) : m_slices(app::makeSlices(kernel)) {}

    std::string_view name() const override { return "all"; }
    std::vector<pg::Migration> migrations() const override
    {
        std::vector<pg::Migration> all;
        for (const auto &slice : m_slices) {
            for (pg::Migration &migration : slice->migrations())
                all.push_back(std::move(migration));
        }
        return all;
    }
    async::Task<base::Result<void>> start() override
    {
        for (const auto &slice : m_slices) {
            if (const auto started = co_await slice->start(); !started)
                co_return started.error();
        }
        co_return base::Result<void>();
    }

    static std::vector<ServerBench::MakeSlice> make()
    {
        return {[](platform::Kernel &kernel) { return std::make_unique<AllSlices>(kernel); }};
    }

private:
    std::vector<std::unique_ptr<platform::Slice>> m_slices;
};

} // namespace voelgoed::test

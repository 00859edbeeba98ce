#include "device/core/index/ticket_index.h"
#include "shared/base/random.h"
#include "shared/ticket/foreign.h"
#include "tests/bench/figure.h"

#include <chrono>

namespace voelgoed::bench {

std::vector<Figure> measureIndex(const BenchSettings &settings)
{
    index::TicketIndex tickets;
    tickets.reserve(settings.tickets);
    std::vector<domain::CodeHash> hashes;
    for (std::uint32_t n = 1; n <= settings.tickets; ++n) {
        const domain::CodeHash hash = ticket::foreignHash("QT-" + std::to_string(n * 7919ULL));
        if (!tickets.add({n}, {hash}, std::nullopt))
            return {failure("index lookup", "the index could not be filled")};
        if (n % 4 == 0)
            hashes.push_back(hash);
    }
    base::SeededRandom random(5);
    std::vector<double> nanos;
    std::size_t found = 0;
    for (int i = 0; i < 400'000; ++i) {
        const domain::CodeHash &hash = hashes[random.below(hashes.size())];
        const auto start = std::chrono::steady_clock::now();
        found += tickets.find(hash).has_value();
        nanos.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count());
    }
    const double bytes = static_cast<double>(tickets.bytes()) / settings.tickets;
    return {{.name = "index lookup of a foreign code among 1,000,000, p99",
             .value = percentile(nanos, 0.99) / 1'000,
             .unit = "us",
             .goal = 1,
             .wrong = found == nanos.size() ? "" : "not found"},
            {.name = "index, resident bytes a ticket", .value = bytes, .unit = "bytes", .goal = 40}};
}

} // namespace voelgoed::bench

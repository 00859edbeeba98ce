#pragma once

#include "shared/base/random.h"
#include "tests/server/slices/scanning/rows.h"

#include <map>
#include <vector>

namespace voelgoed::support {

inline constexpr std::uint32_t kOrdinals = 30; ///< tickets that are used

/// Rows as gates of a busy evening make them.
class Evening
{
public:
    explicit Evening(std::uint64_t seed) : m_random(seed) {}

    std::vector<domain::Row> some(std::size_t count)
    {
        std::vector<domain::Row> rows;
        while (rows.size() < count)
            rows.push_back(one());
        return rows;
    }
    std::uint64_t below(std::uint64_t limit) { return m_random.below(limit); }
    const std::vector<domain::Row> &all() const { return m_all; }

private:
    domain::Row one()
    {
        const std::string device = "gate-" + std::to_string(m_random.below(3));
        RowSpec spec{.device = device,
                     .sequence = ++m_sequences[device],
                     .ordinal = static_cast<std::uint32_t>(1 + m_random.below(kOrdinals)),
                     .when = at("19:00:00") + std::chrono::milliseconds(m_random.below(3'600'000)),
                     .checkpoint = m_random.below(4) == 0 ? "vip" : "main"};
        domain::Row row;
        const std::uint64_t kind = m_random.below(20);
        if (kind == 0 && !m_admitted.empty()) {
            const std::size_t which = m_random.below(m_admitted.size());
            row = undoOf(spec, m_admitted[which]);
            m_admitted.erase(m_admitted.begin() + static_cast<std::ptrdiff_t>(which));
        } else {
            spec.test = kind == 1;
            if (kind < 6 && kind > 1) {
                spec.outcome = "refuse";
                spec.reason = "already_used";
            }
            row = rowOf(spec);
            auto &scan = std::get<domain::ScanRecord>(row.what);
            scan.count = static_cast<std::uint16_t>(1 + m_random.below(3));
            if (kind > 16)
                scan.direction = domain::Direction::Exit;
            if (spec.outcome == "admit" && !spec.test)
                m_admitted.push_back(row.key);
        }
        m_all.push_back(row);
        return row;
    }

    base::SeededRandom m_random;
    std::map<std::string, std::uint64_t> m_sequences;
    std::vector<domain::RowKey> m_admitted;
    std::vector<domain::Row> m_all;
};

} // namespace voelgoed::support

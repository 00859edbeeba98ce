#pragma once

#include "shared/domain/row.h"
#include "tests/bench/server/stage.h"

namespace voelgoed::bench {

/// Which scans a device is to bring: admissions of tickets from `firstOrdinal` on, one row each.
struct ScanSpan
{
    std::uint32_t firstOrdinal = 1;
    std::uint64_t firstSequence = 1; ///< of the device's journal
    std::size_t batches = 1;
    std::size_t rows = 500; ///< of a batch
};

/// Makes exchanges as a gate makes them, ahead of time: rows as the device's program writes them, in a chain that is
/// signed for, packed, in a signed request. Whole HTTP requests, each with the rows of one batch.
class ScanMaker
{
public:
    explicit ScanMaker(const PairedDevice &device);

    std::vector<std::string> make(const ScanSpan &span);

private:
    base::Bytes row(const ScanSpan &span, std::size_t index);

    const PairedDevice &m_device;
    domain::RowHash m_previous{};
    domain::Epoch m_boot;
    std::uint64_t m_counter = 0;
    std::string m_session;
};

/// How many rows an answer to such a request calls accepted, whole HTTP answer in hand.
std::size_t acceptedIn(const std::string &answer);

} // namespace voelgoed::bench

#include "server/platform/async/workers.h"

namespace voelgoed::async {

Workers::Workers(std::size_t threads) : m_pool(threads) {}

Workers::~Workers()
{
    m_pool.join();
}

} // namespace voelgoed::async

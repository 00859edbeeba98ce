#pragma once

#include "server/platform/actions/action.h"

/// How much a server does at once, and for whom.
namespace voelgoed::actions {

/// In-flight calls a class may find and still be let in, as a share of all.
inline double shareOf(LoadClass load)
{
    switch (load) {
    case LoadClass::Critical:
        return 1.0;
    case LoadClass::Write:
        return 0.8;
    case LoadClass::Read:
        return 0.5;
    case LoadClass::Report:
        return 0.1;
    }
    return 1.0;
}

/// One more while it lives.
class Counted
{
public:
    explicit Counted(std::size_t &count) : m_count(count) { ++m_count; }
    ~Counted() { --m_count; }
    Counted(const Counted &) = delete;
    Counted &operator=(const Counted &) = delete;

private:
    std::size_t &m_count;
};

} // namespace voelgoed::actions

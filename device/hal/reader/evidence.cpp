#include "device/hal/reader/evidence.h"

namespace voelgoed::hal {

int readingsNeeded(const ReadCode &code)
{
    switch (code.symbology) {
    // Error correction: a wrong reading is next to impossible.
    case Symbology::QRCode:
    case Symbology::PDF417:
    case Symbology::Aztec:
    case Symbology::DataMatrix:
        return 1;
    // A check character of their own in 103 or 10 possible ones, or little redundancy.
    case Symbology::Code128:
    case Symbology::MicroQRCode:
    case Symbology::EAN13:
    case Symbology::UPCA:
        return 2;
    // No check character that has to be there, or few digits.
    case Symbology::Code39:
    case Symbology::ITF:
    case Symbology::EAN8:
    case Symbology::UPCE:
        return 3;
    }
    return 3;
}

bool Evidence::add(const ReadCode &code, Weight weight)
{
    const Key key{code.symbology, code.content};
    if (m_accepted.contains(key))
        return false;
    const int seen = ++m_seen[key];
    if (weight == Weight::Changed && seen < readingsNeeded(code))
        return false;
    m_accepted.insert(key);
    return true;
}

} // namespace voelgoed::hal

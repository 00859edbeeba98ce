#include "shared/artwork/qr_symbol.h"

#include <qrencode.h>

#include <memory>
#include <string>

namespace voelgoed::artwork {

namespace {

struct Free
{
    void operator()(QRinput *input) const { QRinput_free(input); }
    void operator()(QRcode *code) const { QRcode_free(code); }
};

QRencodeMode modeFor(std::string_view text)
{
    const auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
    const int size = static_cast<int>(text.size());
    for (const QRencodeMode mode : {QR_MODE_NUM, QR_MODE_AN}) {
        if (QRinput_check(mode, size, bytes) == 0)
            return mode;
    }
    return QR_MODE_8;
}

} // namespace

base::Result<QrSymbol> qrSymbol(std::string_view text)
{
    if (text.empty() || text.size() > kQrTextMax)
        return base::invalid("QR code: a text of " + std::to_string(text.size()) + " bytes");
    const std::unique_ptr<QRinput, Free> input(QRinput_new2(0, QR_ECLEVEL_M));
    const auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
    base::ensure(input && QRinput_append(input.get(), modeFor(text), static_cast<int>(text.size()), bytes) == 0,
                 "QR code: a text that the encoder does not take");
    const std::unique_ptr<QRcode, Free> code(QRcode_encodeInput(input.get()));
    base::ensure(code != nullptr, "QR code: 512 bytes fit every level");

    QrSymbol symbol;
    symbol.width = static_cast<std::size_t>(code->width);
    symbol.modules.reserve(symbol.width * symbol.width);
    // The lowest bit of libqrencode's modules is the colour.
    for (std::size_t i = 0; i < symbol.width * symbol.width; ++i)
        symbol.modules.push_back((code->data[i] & 1) != 0);
    return symbol;
}

} // namespace voelgoed::artwork

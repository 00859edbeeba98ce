#include "device/core/hal/barcode_reader.h"

#include <poll.h>

namespace voelgoed::hal {

std::string_view nameOf(Symbology symbology)
{
    static constexpr std::array<std::string_view, kSymbologies> kNames{"QRCode",     "MicroQRCode", "PDF417", "Aztec",
                                                                       "DataMatrix", "Code128",     "Code39", "ITF",
                                                                       "EAN-13",     "EAN-8",       "UPC-A",  "UPC-E"};
    return kNames[static_cast<std::size_t>(symbology)];
}

base::Result<void> BarcodeReader::startFile(const std::string &path)
{
    auto picture = PictureFile::read(path);
    if (!picture)
        return picture.error();
    return start(std::move(*picture), 0);
}

base::Result<Reading> BarcodeReader::wait()
{
    for (;;) {
        if (auto reading = poll())
            return std::move(*reading);
        pollfd waiting{.fd = descriptor(), .events = POLLIN, .revents = 0};
        ::poll(&waiting, 1, waitMs());
    }
}

} // namespace voelgoed::hal

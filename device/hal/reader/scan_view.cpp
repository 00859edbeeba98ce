#include "device/hal/reader/scan_view.h"

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>

#include <optional>

namespace voelgoed::hal {

namespace {

using ZXing::BarcodeFormat;

const ZXing::BarcodeFormats kLinear = BarcodeFormat::Code128 | BarcodeFormat::Code39 | BarcodeFormat::ITF |
                                      BarcodeFormat::EAN13 | BarcodeFormat::EAN8 | BarcodeFormat::UPCA |
                                      BarcodeFormat::UPCE;
const ZXing::BarcodeFormats kMatrix = BarcodeFormat::QRCode | BarcodeFormat::MicroQRCode | BarcodeFormat::PDF417 |
                                      BarcodeFormat::Aztec | BarcodeFormat::DataMatrix;

std::optional<Symbology> symbologyOf(BarcodeFormat format)
{
    switch (format) {
    case BarcodeFormat::QRCode:
        return Symbology::QRCode;
    case BarcodeFormat::MicroQRCode:
        return Symbology::MicroQRCode;
    case BarcodeFormat::PDF417:
        return Symbology::PDF417;
    case BarcodeFormat::Aztec:
        return Symbology::Aztec;
    case BarcodeFormat::DataMatrix:
        return Symbology::DataMatrix;
    case BarcodeFormat::Code128:
        return Symbology::Code128;
    case BarcodeFormat::Code39:
        return Symbology::Code39;
    case BarcodeFormat::ITF:
        return Symbology::ITF;
    case BarcodeFormat::EAN13:
        return Symbology::EAN13;
    case BarcodeFormat::EAN8:
        return Symbology::EAN8;
    case BarcodeFormat::UPCA:
        return Symbology::UPCA;
    case BarcodeFormat::UPCE:
        return Symbology::UPCE;
    default:
        return std::nullopt;
    }
}

Point pointOf(const View &view, const ZXing::PointI &at)
{
    const cv::Point2d source = inSource(view, {static_cast<double>(at.x), static_cast<double>(at.y)});
    return {static_cast<float>(source.x), static_cast<float>(source.y)};
}

ZXing::ImageView imageOf(const View &view)
{
    return {view.pixels.data, view.pixels.cols, view.pixels.rows, ZXing::ImageFormat::Lum,
            static_cast<int>(view.pixels.step)};
}

void add(const ZXing::Result &result, const View &view, std::vector<ReadCode> &codes)
{
    const auto symbology = symbologyOf(result.format());
    if (!result.isValid() || !symbology)
        return;
    ReadCode code{.symbology = *symbology, .text = result.text(), .partial = result.isPartOfSequence()};
    for (const std::uint8_t byte : result.bytes())
        code.content.push_back(static_cast<std::byte>(byte));
    const auto &position = result.position();
    for (std::size_t i = 0; i < 4; ++i)
        code.corners[i] = pointOf(view, position[i]);
    codes.push_back(std::move(code));
}

} // namespace

std::vector<ReadCode> scanPlainly(const View &view)
{
    ZXing::DecodeHints hints;
    hints.setFormats(kLinear | kMatrix);
    std::vector<ReadCode> codes;
    add(ZXing::ReadBarcode(imageOf(view), hints), view, codes);
    return codes;
}

std::vector<ReadCode> scanView(const View &view, const ScanOptions &options)
{
    ZXing::DecodeHints hints;
    hints.setFormats(options.kinds == Kinds::Linear ? kLinear : kMatrix);
    hints.setTryDownscale(false);
    hints.setTryHarder(true);
    hints.setTryRotate(options.quarterTurns);
    hints.setMinLineCount(static_cast<std::uint8_t>(options.minLines));
    hints.setBinarizer(options.threshold == Threshold::Local ? ZXing::Binarizer::LocalAverage
                                                             : ZXing::Binarizer::GlobalHistogram);
    std::vector<ReadCode> codes;
    for (const ZXing::Result &result : ZXing::ReadBarcodes(imageOf(view), hints))
        add(result, view, codes);
    return codes;
}

std::vector<ReadCode> scanRow(const cv::Mat &row)
{
    ZXing::DecodeHints hints;
    hints.setFormats(kLinear);
    hints.setTryDownscale(false);
    hints.setTryRotate(false);
    hints.setMinLineCount(1);
    hints.setBinarizer(ZXing::Binarizer::FixedThreshold);
    const View view{.pixels = row};
    std::vector<ReadCode> codes;
    for (const ZXing::Result &result : ZXing::ReadBarcodes(imageOf(view), hints))
        add(result, view, codes);
    return codes;
}

} // namespace voelgoed::hal

#include "device/hal/reader/reader_process.h"
#include "tests/bench/figure.h"
#include "tests/support/code_pictures.h"

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>
#include <opencv2/imgproc.hpp>
#include <sys/wait.h>
#include <unistd.h>
#include <zint.h>

#include <functional>

namespace voelgoed::bench {

namespace {

using support::drawCode;
using support::placed;

/// A code as a ticket may carry it.
struct Code
{
    int symbology;
    std::string contents; ///< without a check digit that the symbology adds
};

const std::vector<Code> &codes()
{
    static const std::vector<Code> kCodes{{BARCODE_QRCODE, "T1412Q30/QM.6MU GKS0UAWU13CHH4S8XBAD"},
                                          {BARCODE_MICROQR, "AB12345"},
                                          {BARCODE_PDF417, "Order 99821 seat B14"},
                                          {BARCODE_AZTEC, "Order 99821 seat B14"},
                                          {BARCODE_DATAMATRIX, "Order 99821 B14"},
                                          {BARCODE_CODE128, "TKT-99821-B14"},
                                          {BARCODE_CODE39, "TKT99821"},
                                          {BARCODE_C25INTER, "12345678901234"},
                                          {BARCODE_EANX, "400638133393"},
                                          {BARCODE_EANX, "9638507"},
                                          {BARCODE_UPCA, "03600029145"},
                                          {BARCODE_UPCE, "0425261"}};
    return kCodes;
}

cv::Mat drawn(const Code &code, int pixels = 3)
{
    return drawCode(code.symbology, code.contents, pixels);
}

cv::Mat cropped(const Code &code)
{
    return support::withoutQuietZone(drawn(code, 4));
}

cv::Mat onGround(const cv::Mat &picture, int grey)
{
    return placed(cv::Mat(picture.rows + 160, picture.cols + 200, CV_8U, cv::Scalar(grey)), picture, {90, 70});
}

cv::Mat onPaper(const Code &code, int pixels = 3)
{
    return onGround(drawn(code, pixels), 255);
}

cv::Mat shrunk(const Code &code, double factor)
{
    cv::Mat small;
    cv::resize(drawn(code, 4), small, cv::Size(), factor, factor, cv::INTER_AREA);
    return onGround(small, 255);
}

cv::Mat inPhoto(const Code &code)
{
    cv::Mat photo(2'250, 3'000, CV_8U);
    cv::RNG random(5);
    random.fill(photo, cv::RNG::UNIFORM, 40, 220);
    cv::GaussianBlur(photo, photo, cv::Size(), 9);
    cv::normalize(photo, photo, 20, 235, cv::NORM_MINMAX);
    return placed(photo, drawn(code, 4), {1'400, 900});
}

struct Spoil
{
    std::string name;
    std::function<cv::Mat(const Code &)> make;
};

std::vector<Spoil> spoils()
{
    using namespace support;
    return {
        {"as drawn", [](const Code &code) { return drawn(code, 4); }},
        {"no quiet zone", [](const Code &code) { return cropped(code); }},
        {"no quiet zone, on white", [](const Code &code) { return onGround(cropped(code), 255); }},
        {"no quiet zone, on grey", [](const Code &code) { return onGround(cropped(code), 128); }},
        {"no quiet zone, on black", [](const Code &code) { return onGround(cropped(code), 0); }},
        {"no quiet zone, inverted", [](const Code &code) { return inverted(cropped(code)); }},
        {"2 pixels a module", [](const Code &code) { return onPaper(code, 2); }},
        {"1.5 pixels a module", [](const Code &code) { return shrunk(code, 0.375); }},
        {"1.25 pixels a module", [](const Code &code) { return shrunk(code, 0.3125); }},
        {"turned by 23", [](const Code &code) { return turned(onPaper(code), 23); }},
        {"turned by 41, inverted", [](const Code &code) { return inverted(turned(onPaper(code), 41)); }},
        {"turned by 200", [](const Code &code) { return turned(onPaper(code), 200); }},
        {"turned by 291, faded", [](const Code &code) { return faded(turned(onPaper(code), 291), 0.2, 180); }},
        {"mirrored", [](const Code &code) { return flipped(onPaper(code)); }},
        {"mirrored, turned by 30", [](const Code &code) { return turned(flipped(onPaper(code)), 30); }},
        {"mirrored, inverted", [](const Code &code) { return inverted(flipped(onPaper(code))); }},
        {"inverted", [](const Code &code) { return inverted(onPaper(code)); }},
        {"blurred, sigma 2", [](const Code &code) { return blurred(onPaper(code), 2); }},
        {"blurred, sigma 3, 4 pixels", [](const Code &code) { return blurred(onPaper(code, 4), 3); }},
        {"turned by 11, blurred", [](const Code &code) { return blurred(turned(onPaper(code, 4), 11), 2); }},
        {"contrast 0.08", [](const Code &code) { return faded(onPaper(code), 0.08, 120); }},
        {"low contrast, noise", [](const Code &code) { return noisy(faded(onPaper(code), 0.2, 100), 8); }},
        {"slanted by 0.3", [](const Code &code) { return slanted(onPaper(code), 0.3); }},
        {"slanted by 0.6", [](const Code &code) { return slanted(onPaper(code), 0.6); }},
        {"slanted, turned by 15", [](const Code &code) { return turned(slanted(onPaper(code), -0.4), 15); }},
        {"noise of 60", [](const Code &code) { return noisy(onPaper(code), 60); }},
        {"uneven light", [](const Code &code) { return unevenlyLit(onPaper(code)); }},
        {"in a photo of 3000x2250", [](const Code &code) { return inPhoto(code); }},
    };
}

enum class Read {
    Nothing,
    Right,
    Wrong ///< also when the right code is among them
};

Read judged(const std::vector<std::string> &texts, const Code &code)
{
    Read read = Read::Nothing;
    for (const std::string &text : texts) {
        if (text.find(code.contents) == std::string::npos)
            return Read::Wrong;
        read = Read::Right;
    }
    return read;
}

Read byProcess(hal::BarcodeReader &reader, const std::string &path, const Code &code)
{
    std::vector<std::string> texts;
    if (!reader.startFile(path))
        return Read::Nothing;
    const auto reading = reader.wait();
    for (std::size_t i = 0; reading && i < reading->codes.size(); ++i)
        texts.push_back(reading->codes[i].text);
    return judged(texts, code);
}

/// In a process of its own, which may end in an assertion: then nothing was read.
Read plainly(const cv::Mat &picture, const Code &code)
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(STDERR_FILENO);
        using Format = ZXing::BarcodeFormat;
        ZXing::DecodeHints hints;
        hints.setFormats(Format::QRCode | Format::MicroQRCode | Format::PDF417 | Format::Aztec | Format::DataMatrix |
                         Format::Code128 | Format::Code39 | Format::ITF | Format::EAN13 | Format::EAN8 | Format::UPCA |
                         Format::UPCE);
        std::vector<std::string> texts;
        const ZXing::ImageView view(picture.data, picture.cols, picture.rows, ZXing::ImageFormat::Lum,
                                    static_cast<int>(picture.step));
        for (const ZXing::Result &result : ZXing::ReadBarcodes(view, hints))
            texts.push_back(result.text());
        ::_exit(static_cast<int>(judged(texts, code)));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? static_cast<Read>(WEXITSTATUS(status)) : Read::Nothing;
}

/// Of one way of spoiling, or of all.
struct Score
{
    int right = 0;
    int wrong = 0;
    int plainRight = 0;
    int pictures = 0;

    void add(Read ours, Read plain)
    {
        ++pictures;
        right += ours == Read::Right ? 1 : 0;
        wrong += ours == Read::Wrong ? 1 : 0;
        plainRight += plain == Read::Right ? 1 : 0;
    }

    Figure figure(const std::string &name) const
    {
        const int plainMissed = pictures - plainRight;
        return {.name = "not read: " + name,
                .value = static_cast<double>(pictures - right),
                .unit = "of " + std::to_string(pictures),
                .baseline = static_cast<double>(plainMissed),
                .goal = plainMissed == 0 ? 0.0 : 1.0,
                .wrong = wrong > 0 ? std::to_string(wrong) + " read as something else" : ""};
    }
};

} // namespace

std::vector<Figure> measureQuality(const BenchSettings &settings)
{
    auto reader = hal::ReaderProcess::start({.program = settings.programs + "/voelgoed-reader"});
    if (!reader)
        return {failure("reader", reader.error().message)};
    std::vector<Figure> figures;
    Score all;
    const std::string path = settings.folder + "/picture.png";
    for (const Spoil &spoil : spoils()) {
        Score score;
        for (const Code &code : codes()) {
            const cv::Mat picture = spoil.make(code);
            support::writeFile(path, support::asPng(picture));
            const Read ours = byProcess(**reader, path, code), plain = plainly(picture, code);
            score.add(ours, plain);
            all.add(ours, plain);
        }
        figures.push_back(score.figure(spoil.name));
    }
    figures.push_back(all.figure("all of them"));
    figures.push_back({.name = "read wrong", .value = static_cast<double>(all.wrong), .unit = "pictures", .goal = 0});
    return figures;
}

} // namespace voelgoed::bench

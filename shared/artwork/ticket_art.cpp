#include "shared/artwork/ticket_art.h"

#include "shared/artwork/canvas.h"

#include <cairo-pdf.h>

#include <algorithm>

namespace voelgoed::artwork {

namespace {

// Units are pixels of the PNG and half points of the PDF.
constexpr int kWidth = 840;
constexpr int kHeight = 1190;
constexpr double kUnitsAPoint = 2;
constexpr double kMargin = 64;
constexpr double kInner = kWidth - 2 * kMargin;

/// A ticket whose code was made. Everything after this cannot fail.
struct Sheet
{
    const TicketArt &art;
    QrSymbol symbol;
};

base::Result<Sheet> prepare(const TicketArt &art)
{
    const bool isPlain = std::all_of(art.typed.begin(), art.typed.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
    if (art.typed.size() > kTypedMax || !isPlain)
        return base::invalid("ticket: a typed fallback that cannot be printed");
    auto symbol = qrSymbol(art.code);
    if (!symbol)
        return symbol.error().at("ticket");
    return Sheet{art, *std::move(symbol)};
}

/// Gives where it ended.
double drawHead(Canvas &canvas, const TicketArt &art)
{
    canvas.fill({0, 0, kWidth, 18}, 0);
    double y = 60;
    y +=
        canvas.text(art.event, {kMargin, y, kInner, 160}, {.font = "DejaVu Sans Bold", .size = 42, .linesMax = 3}) + 16;
    const std::size_t count = std::min(art.lines.size(), kLinesMax);
    for (const std::string &line : std::span(art.lines).first(count))
        y += canvas.text(line, {kMargin, y, kInner, 40}, {.size = 26, .grey = 0.3}) + 2;
    return y;
}

/// What the ticket is good for, from `top` on. Gives where it ended.
double drawPlace(Canvas &canvas, const TicketArt &art, double top)
{
    constexpr double kGap = 24;
    canvas.fill({kMargin, top, kInner, 2}, 0.75);
    const double half = (kInner - kGap) / 2;
    const double y = top + kGap;
    const Box left{kMargin, y, art.seat.empty() ? kInner : half, 84};
    const Box right{kMargin + half + kGap, y, half, 84};
    const double type = canvas.text(art.type, left, {.font = "DejaVu Sans Bold", .size = 32, .linesMax = 2});
    const double seat =
        canvas.text(art.seat, right, {.font = "DejaVu Sans Bold", .size = 32, .side = Side::Right, .linesMax = 2});
    const double below = y + std::max(type, seat) + 6;
    return below + canvas.text(art.holder, {kMargin, below, kInner, 40}, {.size = 26, .grey = 0.3});
}

void draw(cairo_t *context, const Sheet &sheet)
{
    constexpr double kTypedTop = 1094;
    Canvas canvas(context);
    canvas.fill({0, 0, kWidth, kHeight}, 1);
    const double head = drawHead(canvas, sheet.art);
    const double place = drawPlace(canvas, sheet.art, head + 24);
    canvas.code(sheet.symbol, {kMargin, place, kInner, kTypedTop - place});
    canvas.text(sheet.art.typed, {kMargin, kTypedTop, kInner, 60},
                {.font = "DejaVu Sans Mono Bold", .size = 36, .side = Side::Centre, .spacing = 3});
}

base::Error failed(cairo_status_t status)
{
    return {base::ErrorCode::Internal, std::string("ticket: ") + cairo_status_to_string(status), {}};
}

} // namespace

base::Result<base::Bytes> drawPng(const TicketArt &art)
{
    const auto sheet = prepare(art);
    if (!sheet)
        return sheet.error();
    const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, kWidth, kHeight));
    const Context context(cairo_create(surface.get()));
    draw(context.get(), *sheet);
    if (const auto status = cairo_status(context.get()); status != CAIRO_STATUS_SUCCESS)
        return failed(status);
    base::Bytes bytes;
    const auto status = cairo_surface_write_to_png_stream(surface.get(), appendTo, &bytes);
    if (status != CAIRO_STATUS_SUCCESS)
        return failed(status);
    return bytes;
}

base::Result<base::Bytes> drawPdf(std::span<const TicketArt> tickets)
{
    if (tickets.empty() || tickets.size() > kPagesMax)
        return base::invalid("tickets: " + std::to_string(tickets.size()) + " pages");
    base::Bytes bytes;
    const Surface surface(
        cairo_pdf_surface_create_for_stream(appendTo, &bytes, kWidth / kUnitsAPoint, kHeight / kUnitsAPoint));
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, nullptr);
    const Context context(cairo_create(surface.get()));
    cairo_scale(context.get(), 1 / kUnitsAPoint, 1 / kUnitsAPoint);
    for (const TicketArt &art : tickets) {
        const auto sheet = prepare(art);
        if (!sheet)
            return sheet.error();
        draw(context.get(), *sheet);
        cairo_show_page(context.get());
    }
    cairo_surface_finish(surface.get());
    if (const auto status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
        return failed(status);
    if (const auto status = cairo_status(context.get()); status != CAIRO_STATUS_SUCCESS)
        return failed(status);
    return bytes;
}

} // namespace voelgoed::artwork

#include "shared/artwork/canvas.h"

#include "shared/base/ensure.h"

#include <algorithm>
#include <cmath>

namespace voelgoed::artwork {

namespace {

constexpr std::size_t kReadMax = 4096; ///< bytes of a text that are looked at
constexpr int kShownMax = 300;         ///< characters that are drawn
constexpr int kMarksMax = 4;           ///< combining marks on one letter
constexpr std::size_t kQuietZone = 4;  ///< modules, ISO/IEC 18004

/// Marks, embeddings, overrides and isolates (Unicode Standard Annex 9, section 2).
bool turnsDirection(gunichar character)
{
    return character == 0x061C || (character >= 0x200E && character <= 0x200F) ||
           (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

bool isMark(gunichar character)
{
    const GUnicodeType type = g_unichar_type(character);
    return type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK;
}

bool endsLine(gunichar character)
{
    return character == '\n' || character == '\r' || character == '\t' || character == 0x2028 || character == 0x2029;
}

PangoAlignment alignmentOf(Side side)
{
    switch (side) {
    case Side::Left:
        return PANGO_ALIGN_LEFT;
    case Side::Centre:
        return PANGO_ALIGN_CENTER;
    case Side::Right:
        return PANGO_ALIGN_RIGHT;
    }
    base::ensure(false, "a side without an alignment");
    return PANGO_ALIGN_LEFT;
}

/// The same letters on every screen and printer: no hints, no subpixels.
void useQuietFonts(PangoLayout *layout)
{
    PangoContext *context = pango_layout_get_context(layout);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_layout_context_changed(layout);
}

void setStyle(PangoLayout *layout, const TextStyle &style)
{
    const std::unique_ptr<PangoFontDescription, FreeCairo> font(pango_font_description_from_string(style.font));
    pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
    pango_layout_set_font_description(layout, font.get());
    PangoAttrList *attributes = pango_attr_list_new();
    if (style.spacing > 0)
        pango_attr_list_insert(attributes,
                               pango_attr_letter_spacing_new(static_cast<int>(style.spacing * PANGO_SCALE)));
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_height(layout, -style.linesMax);
    // Pango turns left and right round for scripts that run the other way; the box has one left.
    pango_layout_set_auto_dir(layout, TRUE);
}

/// For a layout that has its text. Left in a right-to-left paragraph is Pango's right.
PangoAlignment alignmentIn(PangoLayout *layout, Side side)
{
    const PangoAlignment alignment = alignmentOf(side);
    if (alignment == PANGO_ALIGN_CENTER || pango_layout_get_direction(layout, 0) != PANGO_DIRECTION_RTL)
        return alignment;
    return alignment == PANGO_ALIGN_LEFT ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT;
}

} // namespace

std::string drawable(std::string_view text)
{
    gchar *valid = g_utf8_make_valid(text.data(), static_cast<gssize>(std::min(text.size(), kReadMax)));
    std::string shown;
    int characters = 0;
    int marks = 0;
    for (const gchar *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        const gunichar read = g_utf8_get_char(at);
        const gunichar character = endsLine(read) ? ' ' : read;
        // What is left out does not part a letter from its marks.
        if (g_unichar_iscntrl(character) || turnsDirection(character))
            continue;
        marks = isMark(character) ? marks + 1 : 0;
        if (marks > kMarksMax)
            continue;
        if (++characters > kShownMax) {
            shown += "…";
            break;
        }
        gchar encoded[6];
        shown.append(encoded, static_cast<std::size_t>(g_unichar_to_utf8(character, encoded)));
    }
    g_free(valid);
    return shown;
}

void Canvas::fill(const Box &box, double grey)
{
    cairo_set_source_rgb(m_context, grey, grey, grey);
    cairo_rectangle(m_context, box.x, box.y, box.width, box.height);
    cairo_fill(m_context);
}

double Canvas::text(std::string_view text, const Box &box, const TextStyle &style)
{
    const std::string shown = drawable(text);
    if (shown.empty())
        return 0;
    const std::unique_ptr<PangoLayout, FreeCairo> layout(pango_cairo_create_layout(m_context));
    useQuietFonts(layout.get());
    setStyle(layout.get(), style);
    pango_layout_set_width(layout.get(), static_cast<int>(box.width * PANGO_SCALE));
    pango_layout_set_text(layout.get(), shown.c_str(), static_cast<int>(shown.size()));
    pango_layout_set_alignment(layout.get(), alignmentIn(layout.get(), style.side));

    cairo_save(m_context);
    cairo_rectangle(m_context, box.x, box.y, box.width, box.height);
    cairo_clip(m_context);
    cairo_set_source_rgb(m_context, style.grey, style.grey, style.grey);
    cairo_move_to(m_context, box.x, box.y);
    pango_cairo_show_layout(m_context, layout.get());
    cairo_restore(m_context);

    int height = 0;
    pango_layout_get_size(layout.get(), nullptr, &height);
    return std::min(box.height, static_cast<double>(height) / PANGO_SCALE);
}

void Canvas::code(const QrSymbol &symbol, const Box &box)
{
    const std::size_t across = symbol.width + 2 * kQuietZone;
    const auto room = static_cast<std::size_t>(std::min(box.width, box.height));
    const std::size_t module = room / across;
    base::ensure(module >= 1, "no room for the code");
    const auto side = static_cast<double>(module * across);
    // Whole units, so that modules are whole pixels.
    const double left = std::floor(box.x + (box.width - side) / 2);
    const double top = std::floor(box.y + (box.height - side) / 2);
    fill({left, top, side, side}, 1);

    cairo_save(m_context);
    cairo_set_antialias(m_context, CAIRO_ANTIALIAS_NONE);
    cairo_set_source_rgb(m_context, 0, 0, 0);
    for (std::size_t y = 0; y < symbol.width; ++y) {
        for (std::size_t x = 0; x < symbol.width;) {
            std::size_t end = x;
            while (end < symbol.width && symbol.isDark(end, y))
                ++end;
            // One rectangle a run, so that no renderer shows seams inside it.
            if (end > x)
                cairo_rectangle(m_context, left + static_cast<double>((x + kQuietZone) * module),
                                top + static_cast<double>((y + kQuietZone) * module),
                                static_cast<double>((end - x) * module), static_cast<double>(module));
            x = end + 1;
        }
    }
    cairo_fill(m_context);
    cairo_restore(m_context);
}

cairo_status_t appendTo(void *closure, const unsigned char *data, unsigned size)
{
    auto &bytes = *static_cast<base::Bytes *>(closure);
    const auto added = std::as_bytes(std::span(data, size));
    bytes.insert(bytes.end(), added.begin(), added.end());
    return CAIRO_STATUS_SUCCESS;
}

} // namespace voelgoed::artwork

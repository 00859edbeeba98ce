#pragma once

#include "shared/artwork/qr_symbol.h"
#include "shared/base/bytes.h"

#include <cairo.h>
#include <pango/pangocairo.h>

#include <memory>
#include <string_view>

/// Cairo and Pango, as the ticket needs them. Only sources of this folder include it.
namespace voelgoed::artwork {

struct FreeCairo
{
    void operator()(cairo_t *context) const { cairo_destroy(context); }
    void operator()(cairo_surface_t *surface) const { cairo_surface_destroy(surface); }
    void operator()(PangoLayout *layout) const { g_object_unref(layout); }
    void operator()(PangoFontDescription *font) const { pango_font_description_free(font); }
};
using Surface = std::unique_ptr<cairo_surface_t, FreeCairo>;
using Context = std::unique_ptr<cairo_t, FreeCairo>;

struct Box
{
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
};

enum class Side { Left, Centre, Right };

struct TextStyle
{
    const char *font = "DejaVu Sans"; ///< a Pango font name without a size
    double size = 28;                 ///< height of the letters' body, in units of the canvas
    double grey = 0;                  ///< 0 is black
    Side side = Side::Left;           ///< where it stands in its box, whatever the direction of its script
    int linesMax = 1;
    double spacing = 0; ///< between letters, in units of the canvas
};

/// Draws into one surface. Borrows the context.
class Canvas
{
public:
    explicit Canvas(cairo_t *context) : m_context(context) {}

    void fill(const Box &box, double grey);
    /// Draws nothing outside the box, and gives the height that the lines take.
    double text(std::string_view text, const Box &box, const TextStyle &style);
    /// As large as whole units a module allow, with four modules of white around it, in the middle of the box.
    void code(const QrSymbol &symbol, const Box &box);

private:
    cairo_t *m_context;
};

/// What may be drawn of a text: valid UTF-8, one line, no control characters and nothing that turns the direction of
/// what follows, at most 300 characters.
std::string drawable(std::string_view text);

/// For cairo's stream functions: appends to the base::Bytes that `closure` points to.
cairo_status_t appendTo(void *closure, const unsigned char *data, unsigned size);

} // namespace voelgoed::artwork

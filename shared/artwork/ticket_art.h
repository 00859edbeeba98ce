#pragma once

#include "shared/base/bytes.h"

#include <span>
#include <string>
#include <vector>

/// Tickets as people hold them: a picture for a phone, a page for a printer. Drawn into memory; the same art gives the
/// same bytes wherever the same fonts are installed. One call at a time (the fonts' cache is shared).
namespace voelgoed::artwork {

/// What is drawn. Texts are shown as they are, never interpreted, each in its own direction; what does not fit its
/// place is cut with an ellipsis. Only the code and the typed fallback are never cut.
struct TicketArt
{
    std::string event;              ///< its name
    std::vector<std::string> lines; ///< when and where, for people; the first kLinesMax are drawn
    std::string type;               ///< "Adult"
    std::string seat;               ///< may be empty
    std::string holder;             ///< may be empty
    std::string code;               ///< content of the QR code, byte for byte
    std::string typed;              ///< fallback under the code, grouped ("7K3M-9QTX-2BDFW"); may be empty
};

inline constexpr std::size_t kLinesMax = 3;
inline constexpr std::size_t kTypedMax = 20;
inline constexpr std::size_t kPagesMax = 20'000;

/// A PNG of 840 by 1190 pixels, A5 upright at 144 dpi; modules of the code are whole pixels. Invalid when the code is
/// empty or longer than 512 bytes, or the typed fallback longer than kTypedMax or not ASCII.
base::Result<base::Bytes> drawPng(const TicketArt &art);

/// A PDF with a page of A5 for each ticket, in their order, without dates. Invalid as for drawPng(), and when there are
/// none or more than kPagesMax.
base::Result<base::Bytes> drawPdf(std::span<const TicketArt> tickets);

} // namespace voelgoed::artwork

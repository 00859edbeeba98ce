#include "server/slices/ticketing/import/status_words.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace voelgoed::ticketing::import {

namespace {

using domain::TicketState;

// Of the systems in systems_table.cpp, of WooCommerce, and of the seven languages. Folded.
const std::unordered_map<std::string_view, StatusMeaning> &meanings()
{
    static const std::unordered_map<std::string_view, StatusMeaning> kMeanings = [] {
        std::unordered_map<std::string_view, StatusMeaning> map;
        const auto add = [&](StatusMeaning meaning, std::initializer_list<std::string_view> words) {
            for (const std::string_view word : words)
                map.emplace(word, meaning);
        };
        add({.state = TicketState::Valid},
            {"order paid",     "wc-completed",   "wc-processing", "attending", "confirmed",  "approved",
             "active",         "valid",          "paid",          "completed", "complete",   "placed",
             "issued",         "registered",     "accepted",      "going",     "yes",        "ok",
             "acquired",       "free",           "processing",    "sold",      "p",          "unpunched",
             "not checked in", "not checked-in", "bezahlt",       "bestatigt", "bestaetigt", "gultig",
             "gueltig",        "aktiv",          "zugesagt",      "ja",        "betaald",    "bevestigd",
             "geldig",         "actief",         "betaal",        "bevestig",  "aktief",     "paye",
             "confirme",       "valide",         "actif",         "oui",       "pagado",     "confirmado",
             "valido",         "activo",         "pago",          "ativo",     "sim",        "si"});
        add({.state = TicketState::Valid, .checkedIn = true},
            {"checked in", "checked-in", "attended", "arrived", "used", "scanned", "redeemed", "eingecheckt",
             "ingecheckt", "ingeteken", "enregistre", "punched", "checked out"});
        add({.state = TicketState::Pending}, {"order received",
                                              "received",
                                              "pre reserved",
                                              "wc-on-hold",
                                              "wc-pending",
                                              "pending",
                                              "unpaid",
                                              "awaiting payment",
                                              "not paid",
                                              "pending payment",
                                              "offline payment",
                                              "to be paid",
                                              "reserved",
                                              "on-hold",
                                              "on hold",
                                              "open",
                                              "n",
                                              "initializing",
                                              "initialized",
                                              "payment pending",
                                              "awaiting offline payment",
                                              "offen",
                                              "ausstehend",
                                              "unbezahlt",
                                              "nicht bezahlt",
                                              "reserviert",
                                              "onbetaald",
                                              "niet betaald",
                                              "in afwachting",
                                              "gereserveerd",
                                              "nie betaal nie",
                                              "onbetaal",
                                              "hangende",
                                              "en attente",
                                              "impaye",
                                              "non paye",
                                              "pendiente",
                                              "no pagado",
                                              "pendente",
                                              "nao pago",
                                              "reservado"});
        add({.state = TicketState::Unapproved},
            {"pending approval", "awaiting approval", "waitlist", "waitlisted", "waiting list", "invited",
             "requires approval", "under review", "unapproved", "maybe", "warteliste", "wartet auf genehmigung",
             "wachtlijst", "waglys", "liste d'attente", "lista de espera"});
        add({.state = TicketState::Cancelled},
            {"order cancelled", "order fraud", "wc-cancelled", "wc-refunded", "wc-failed",   "cancelled",
             "canceled",        "refunded",    "declined",     "void",        "voided",      "deleted",
             "not attending",   "expired",     "lapsed",       "rejected",    "invalidated", "invalid",
             "not going",       "no",          "withdrawn",    "failed",      "fraud",       "trash",
             "released",        "revoked",     "charged back", "transferred", "c",           "e",
             "unpublished",     "inactive",    "abandoned",    "storniert",   "erstattet",   "abgelehnt",
             "abgesagt",        "abgelaufen",  "ungultig",     "ungueltig",   "nein",        "geannuleerd",
             "terugbetaald",    "geweigerd",   "verlopen",     "ongeldig",    "nee",         "gekanselleer",
             "terugbetaal",     "afgekeur",    "vervallen",    "verval",      "annule",      "rembourse",
             "refuse",          "expire",      "non",          "cancelado",   "cancelada",   "anulado",
             "anulada",         "reembolsado", "reembolsada",  "rechazado",   "recusado",    "vencido",
             "expirado",        "nao"});
        return map;
    }();
    return kMeanings;
}

constexpr std::array<std::string_view, 22> kNo{
    "",      "0",   "false",          "no",       "n",      "nein",  "nee", "non",    "nao",    "-",   "null", "none",
    "never", "off", "not checked in", "not void", "active", "valid", "0.0", "falsch", "onwaar", "faux"};
constexpr std::array<std::string_view, 22> kYes{
    "true",        "yes",        "y",       "x",    "ja",     "oui",       "si",       "sim",
    "wahr",        "waar",       "vrai",    "void", "voided", "cancelled", "canceled", "refunded",
    "invalidated", "checked in", "arrived", "paid", "on",     "attended"};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

} // namespace

std::optional<StatusMeaning> statusMeaning(std::string_view foldedWord)
{
    if (foldedWord.empty() || foldedWord == "-")
        return StatusMeaning{};
    const auto found = meanings().find(foldedWord);
    return found == meanings().end() ? std::nullopt : std::optional(found->second);
}

std::optional<bool> saysYes(std::string_view foldedCell)
{
    if (std::find(kNo.begin(), kNo.end(), foldedCell) != kNo.end())
        return false;
    // Counts and moments both have digits; a count of zero is in the list above.
    if (std::find(kYes.begin(), kYes.end(), foldedCell) != kYes.end() ||
        std::any_of(foldedCell.begin(), foldedCell.end(), isDigit))
        return true;
    return std::nullopt;
}

} // namespace voelgoed::ticketing::import

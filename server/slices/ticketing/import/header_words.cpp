#include "server/slices/ticketing/import/header_words.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace voelgoed::ticketing::import {

namespace {

constexpr int kWholeHeader = 100;
constexpr std::size_t kHeaderMax = 200; ///< longer ones are questions

/// A word or words that headers of a role have. `weight` says how sure it is when the header says more than that.
struct Phrase
{
    std::string_view text;
    Role role;
    int weight;
};

// Folded, so without accents. Longer ones before shorter ones of equal weight is not needed: the best one counts.
constexpr std::array kPhrases{
    // codes
    Phrase{"barcode", Role::Code, 40},
    Phrase{"bar code", Role::Code, 40},
    Phrase{"strichcode", Role::Code, 40},
    Phrase{"streepjescode", Role::Code, 40},
    Phrase{"strepieskode", Role::Code, 40},
    Phrase{"staafkode", Role::Code, 40},
    Phrase{"code-barres", Role::Code, 40},
    Phrase{"code barre", Role::Code, 40},
    Phrase{"code a barres", Role::Code, 40},
    Phrase{"codigo de barras", Role::Code, 40},
    Phrase{"ticket code", Role::Code, 38},
    Phrase{"ticketcode", Role::Code, 38},
    Phrase{"ticket-code", Role::Code, 38},
    Phrase{"kaartjiekode", Role::Code, 38},
    Phrase{"kaartjie kode", Role::Code, 38},
    Phrase{"kaartkode", Role::Code, 38},
    Phrase{"code du billet", Role::Code, 38},
    Phrase{"codigo de entrada", Role::Code, 38},
    Phrase{"codigo del boleto", Role::Code, 38},
    Phrase{"codigo do ingresso", Role::Code, 38},
    Phrase{"codigo do bilhete", Role::Code, 38},
    Phrase{"eintrittscode", Role::Code, 38},
    Phrase{"toegangscode", Role::Code, 38},
    Phrase{"entry code", Role::Code, 38},
    Phrase{"check-in code", Role::Code, 38},
    Phrase{"qr code", Role::Code, 37},
    Phrase{"qr-code", Role::Code, 37},
    Phrase{"qrcode", Role::Code, 37},
    Phrase{"qr-kode", Role::Code, 37},
    Phrase{"code qr", Role::Code, 37},
    Phrase{"codigo qr", Role::Code, 37},
    Phrase{"ticket secret", Role::Code, 37},
    Phrase{"secret", Role::Code, 35},
    Phrase{"geheimnis", Role::Code, 35},
    Phrase{"geheim", Role::Code, 34},
    Phrase{"secreto", Role::Code, 35},
    Phrase{"segredo", Role::Code, 35},
    Phrase{"ticket number", Role::Code, 34},
    Phrase{"ticket no", Role::Code, 34},
    Phrase{"ticket #", Role::Code, 34},
    Phrase{"ticketnummer", Role::Code, 34},
    Phrase{"ticket-nr", Role::Code, 34},
    Phrase{"ticketnr", Role::Code, 34},
    Phrase{"kartennummer", Role::Code, 34},
    Phrase{"kaartnummer", Role::Code, 34},
    Phrase{"kaartjienommer", Role::Code, 34},
    Phrase{"numero de billet", Role::Code, 34},
    Phrase{"numero du billet", Role::Code, 34},
    Phrase{"numero de entrada", Role::Code, 34},
    Phrase{"numero do ingresso", Role::Code, 34},
    Phrase{"numero do bilhete", Role::Code, 34},
    Phrase{"ticket id", Role::Code, 32},
    Phrase{"ticket-id", Role::Code, 32},
    Phrase{"ticketid", Role::Code, 32},
    Phrase{"ticket reference", Role::Code, 32},
    Phrase{"ticketreferenz", Role::Code, 32},
    Phrase{"code", Role::Code, 20},
    Phrase{"kode", Role::Code, 20},
    Phrase{"codigo", Role::Code, 20},
    Phrase{"reference", Role::Code, 10},
    Phrase{"uuid", Role::Code, 10},
    // names
    Phrase{"full name", Role::Name, 30},
    Phrase{"fullname", Role::Name, 30},
    Phrase{"attendee name", Role::Name, 30},
    Phrase{"guest name", Role::Name, 30},
    Phrase{"ticket holder", Role::Name, 30},
    Phrase{"holder", Role::Name, 25},
    Phrase{"attendee", Role::Name, 15},
    Phrase{"guest", Role::Name, 15},
    Phrase{"teilnehmername", Role::Name, 30},
    Phrase{"teilnehmer", Role::Name, 15},
    Phrase{"teilnehmer-name", Role::Name, 30},
    Phrase{"gast", Role::Name, 15},
    Phrase{"volle naam", Role::Name, 30},
    Phrase{"volledige naam", Role::Name, 30},
    Phrase{"naam", Role::Name, 20},
    Phrase{"name", Role::Name, 20},
    Phrase{"nom complet", Role::Name, 30},
    Phrase{"nom du participant", Role::Name, 30},
    Phrase{"nombre completo", Role::Name, 30},
    Phrase{"nome completo", Role::Name, 30},
    Phrase{"nome", Role::Name, 20},
    Phrase{"deelnemer", Role::Name, 15},
    Phrase{"participant", Role::Name, 15},
    Phrase{"participante", Role::Name, 15},
    Phrase{"asistente", Role::Name, 15},
    Phrase{"houer", Role::Name, 25},
    Phrase{"first name", Role::FirstName, 35},
    Phrase{"firstname", Role::FirstName, 35},
    Phrase{"given name", Role::FirstName, 35},
    Phrase{"vorname", Role::FirstName, 35},
    Phrase{"voornaam", Role::FirstName, 35},
    Phrase{"prenom", Role::FirstName, 35},
    Phrase{"nombre", Role::FirstName, 20},
    Phrase{"primeiro nome", Role::FirstName, 35},
    Phrase{"last name", Role::LastName, 35},
    Phrase{"lastname", Role::LastName, 35},
    Phrase{"surname", Role::LastName, 35},
    Phrase{"family name", Role::LastName, 35},
    Phrase{"nachname", Role::LastName, 35},
    Phrase{"familienname", Role::LastName, 35},
    Phrase{"achternaam", Role::LastName, 35},
    Phrase{"van", Role::LastName, 15},
    Phrase{"familienaam", Role::LastName, 35},
    Phrase{"nom de famille", Role::LastName, 35},
    Phrase{"nom", Role::LastName, 20},
    Phrase{"apellidos", Role::LastName, 35},
    Phrase{"apellido", Role::LastName, 35},
    Phrase{"sobrenome", Role::LastName, 35},
    Phrase{"apelido", Role::LastName, 35},
    // addresses for mail
    Phrase{"email", Role::Email, 35},
    Phrase{"e-mail", Role::Email, 35},
    Phrase{"email address", Role::Email, 40},
    Phrase{"mail", Role::Email, 20},
    Phrase{"e-pos", Role::Email, 35},
    Phrase{"epos", Role::Email, 35},
    Phrase{"courriel", Role::Email, 35},
    Phrase{"correo electronico", Role::Email, 35},
    Phrase{"correo", Role::Email, 30},
    Phrase{"correio", Role::Email, 30},
    // types
    Phrase{"ticket type", Role::Type, 35},
    Phrase{"tickettyp", Role::Type, 35},
    Phrase{"ticket-typ", Role::Type, 35},
    Phrase{"tickettype", Role::Type, 35},
    Phrase{"ticketsoort", Role::Type, 35},
    Phrase{"kaartsoort", Role::Type, 35},
    Phrase{"kaartjiesoort", Role::Type, 35},
    Phrase{"kaartjietipe", Role::Type, 35},
    Phrase{"kartenart", Role::Type, 35},
    Phrase{"type de billet", Role::Type, 35},
    Phrase{"tipo de entrada", Role::Type, 35},
    Phrase{"tipo de boleto", Role::Type, 35},
    Phrase{"tipo de ingresso", Role::Type, 35},
    Phrase{"tipo de bilhete", Role::Type, 35},
    Phrase{"ticket name", Role::Type, 33},
    Phrase{"ticket title", Role::Type, 33},
    Phrase{"product", Role::Type, 25},
    Phrase{"produkt", Role::Type, 25},
    Phrase{"produit", Role::Type, 25},
    Phrase{"producto", Role::Type, 25},
    Phrase{"produto", Role::Type, 25},
    Phrase{"category", Role::Type, 25},
    Phrase{"kategorie", Role::Type, 25},
    Phrase{"categorie", Role::Type, 25},
    Phrase{"categoria", Role::Type, 25},
    Phrase{"type", Role::Type, 15},
    Phrase{"typ", Role::Type, 15},
    Phrase{"tipe", Role::Type, 15},
    Phrase{"tipo", Role::Type, 15},
    Phrase{"ticket", Role::Type, 12},
    Phrase{"kaartjie", Role::Type, 12},
    Phrase{"billet", Role::Type, 12},
    // states
    Phrase{"status", Role::Status, 25},
    Phrase{"state", Role::Status, 12},
    Phrase{"statut", Role::Status, 25},
    Phrase{"situacao", Role::Status, 25},
    Phrase{"situacion", Role::Status, 25},
    Phrase{"toestand", Role::Status, 20},
    Phrase{"estado", Role::Status, 20},
    Phrase{"paid", Role::Paid, 15},
    Phrase{"bezahlt", Role::Paid, 25},
    Phrase{"betaald", Role::Paid, 25},
    Phrase{"betaal", Role::Paid, 20},
    Phrase{"paye", Role::Paid, 20},
    Phrase{"pagado", Role::Paid, 25},
    Phrase{"pago", Role::Paid, 20},
    Phrase{"void", Role::Voided, 20},
    Phrase{"voided", Role::Voided, 25},
    Phrase{"cancelled", Role::Voided, 25},
    Phrase{"canceled", Role::Voided, 25},
    Phrase{"refunded", Role::Voided, 25},
    Phrase{"storniert", Role::Voided, 25},
    Phrase{"geannuleerd", Role::Voided, 25},
    Phrase{"gekanselleer", Role::Voided, 25},
    Phrase{"annule", Role::Voided, 25},
    Phrase{"cancelado", Role::Voided, 25},
    Phrase{"checked in", Role::CheckedIn, 30},
    Phrase{"check in", Role::CheckedIn, 20},
    Phrase{"checked in at", Role::CheckedIn, 32},
    Phrase{"checkin", Role::CheckedIn, 20},
    Phrase{"check-in", Role::CheckedIn, 20},
    Phrase{"has arrived", Role::CheckedIn, 30},
    Phrase{"arrived", Role::CheckedIn, 25},
    Phrase{"eingecheckt", Role::CheckedIn, 30},
    Phrase{"ingecheckt", Role::CheckedIn, 30},
    Phrase{"ingeteken", Role::CheckedIn, 25},
    Phrase{"enregistre", Role::CheckedIn, 20},
    Phrase{"attended", Role::CheckedIn, 25},
    // numbers
    Phrase{"quantity", Role::Quantity, 30},
    Phrase{"qty", Role::Quantity, 30},
    Phrase{"admits", Role::Quantity, 30},
    Phrase{"number of tickets", Role::Quantity, 30},
    Phrase{"anzahl", Role::Quantity, 25},
    Phrase{"menge", Role::Quantity, 25},
    Phrase{"aantal", Role::Quantity, 25},
    Phrase{"hoeveelheid", Role::Quantity, 30},
    Phrase{"getal", Role::Quantity, 20},
    Phrase{"quantite", Role::Quantity, 30},
    Phrase{"nombre de billets", Role::Quantity, 35},
    Phrase{"cantidad", Role::Quantity, 30},
    Phrase{"quantidade", Role::Quantity, 30},
    // orders
    Phrase{"order number", Role::Order, 35},
    Phrase{"order id", Role::Order, 35},
    Phrase{"order code", Role::Order, 35},
    Phrase{"order reference", Role::Order, 35},
    Phrase{"order #", Role::Order, 35},
    Phrase{"order", Role::Order, 20},
    Phrase{"bestellnummer", Role::Order, 35},
    Phrase{"bestellung", Role::Order, 20},
    Phrase{"bestelnummer", Role::Order, 35},
    Phrase{"bestelling", Role::Order, 20},
    Phrase{"bestelnommer", Role::Order, 35},
    Phrase{"numero de commande", Role::Order, 35},
    Phrase{"commande", Role::Order, 20},
    Phrase{"numero de pedido", Role::Order, 35},
    Phrase{"pedido", Role::Order, 20},
    Phrase{"booking reference", Role::Order, 35},
    Phrase{"booking", Role::Order, 15},
    Phrase{"buchungsnummer", Role::Order, 35},
    // seats
    Phrase{"seat", Role::Seat, 25},
    Phrase{"seat number", Role::Seat, 30},
    Phrase{"seat name", Role::Seat, 32},
    Phrase{"sitzplatz", Role::Seat, 30},
    Phrase{"platz", Role::Seat, 20},
    Phrase{"zitplaats", Role::Seat, 30},
    Phrase{"stoel", Role::Seat, 25},
    Phrase{"sitplek", Role::Seat, 30},
    Phrase{"siege", Role::Seat, 25},
    Phrase{"asiento", Role::Seat, 25},
    Phrase{"assento", Role::Seat, 25},
    Phrase{"lugar", Role::Seat, 12},
};

/// With one of these beside it a word speaks of somebody or something else ("Buyer Name", "Promo Code").
constexpr std::array<std::string_view, 57> kElsewhere{
    "buyer",     "purchaser",  "billing",     "invoice",  "payer",   "paid by",   "promo",      "discount",
    "voucher",   "coupon",     "gutschein",   "rabatt",   "korting", "afslag",    "country",    "postal",
    "post code", "postcode",   "zip",         "plz",      "phone",   "telefon",   "telephone",  "telefono",
    "telefone",  "mobile",     "access code", "company",  "firma",   "bedrijf",   "maatskappy", "event name",
    "event id",  "event code", "file name",   "user",     "shop",    "venue",     "customer",   "kunde",
    "acheteur",  "comprador",  "payment",     "currency", "price",   "preis",     "prix",       "precio",
    "preco",     "prys",       "date",        "datum",    "fecha",   "pseudonym", "utm",        "referral",
    "tax"};

/// So do these, unless it is an address for mail.
constexpr std::array<std::string_view, 5> kWhere{"address", "adres", "direccion", "endereco", "street"};

/// Beside these a word speaks of the order, which is a code of its own.
constexpr std::array<std::string_view, 11> kOfOrders{"order",      "bestell", "bestel",     "commande",
                                                     "pedido",     "booking", "buchung",    "boeking",
                                                     "bespreking", "reserv",  "transaction"};

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

/// Whether the phrase stands in the header as words of their own; long ones also inside a longer word.
bool contains(std::string_view header, std::string_view phrase)
{
    constexpr std::size_t kLong = 6;
    for (std::size_t at = header.find(phrase); at != std::string_view::npos; at = header.find(phrase, at + 1)) {
        const std::size_t end = at + phrase.size();
        const bool whole = (at == 0 || !isLetter(header[at - 1])) && (end == header.size() || !isLetter(header[end]));
        if (whole || phrase.size() >= kLong)
            return true;
    }
    return false;
}

template <std::size_t N>
bool containsAny(std::string_view header, const std::array<std::string_view, N> &words)
{
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return header.find(word) != std::string_view::npos; });
}

} // namespace

bool isNoCode(std::string_view foldedHeader)
{
    return containsAny(foldedHeader, kElsewhere) || containsAny(foldedHeader, kWhere) ||
           containsAny(foldedHeader, kOfOrders);
}

bool isKnownHeader(std::string_view foldedHeader)
{
    static const std::unordered_set<std::string_view> kKnown = [] {
        std::unordered_set<std::string_view> known;
        for (const Phrase &phrase : kPhrases)
            known.insert(phrase.text);
        return known;
    }();
    return kKnown.contains(foldedHeader);
}

std::vector<WordMatch> rolesByWords(std::string_view foldedHeader)
{
    std::vector<WordMatch> found;
    if (foldedHeader.size() > kHeaderMax)
        return found;
    for (const Phrase &phrase : kPhrases) {
        int score = 0;
        if (foldedHeader == phrase.text)
            score = kWholeHeader + phrase.weight;
        else if (!contains(foldedHeader, phrase.text) || containsAny(foldedHeader, kElsewhere))
            continue;
        else if (phrase.role != Role::Order && containsAny(foldedHeader, kOfOrders))
            continue;
        else if (phrase.role != Role::Email && containsAny(foldedHeader, kWhere))
            continue;
        else
            score = phrase.weight + static_cast<int>(phrase.text.size()) / 4;
        const auto there =
            std::find_if(found.begin(), found.end(), [&](const WordMatch &match) { return match.role == phrase.role; });
        if (there == found.end())
            found.push_back({.role = phrase.role, .score = score});
        else
            there->score = std::max(there->score, score);
    }
    return found;
}

} // namespace voelgoed::ticketing::import

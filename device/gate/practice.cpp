#include "device/gate/practice.h"

#include "device/core/profile/files.h"
#include "device/gate/practice_event.h"
#include "shared/artwork/ticket_art.h"
#include "shared/protocol/bundle_builder.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ostream>

namespace voelgoed::gate {

using base::Result;

namespace {

constexpr std::uint32_t kProgressEvery = 100'000;

/// A file that is written piece by piece, and whose failures are seen at the end.
class Writer
{
public:
    explicit Writer(std::string path) : m_path(std::move(path)), m_file(m_path, std::ios::binary | std::ios::trunc) {}

    Writer &operator<<(std::string_view text)
    {
        m_file.write(text.data(), static_cast<std::streamsize>(text.size()));
        return *this;
    }
    Writer &operator<<(const base::Bytes &bytes) { return *this << base::textOf(bytes); }

    Result<void> close()
    {
        m_file.close();
        if (m_file.fail())
            return base::Error{base::ErrorCode::Unavailable, m_path + ": cannot be written", {}};
        return {};
    }

private:
    std::string m_path;
    std::ofstream m_file;
};

std::string numbered(const char *format, std::uint32_t number)
{
    char text[64];
    std::snprintf(text, sizeof text, format, number);
    return text;
}

artwork::TicketArt artOf(const PracticeTicket &ticket, const protocol::Definition &definition)
{
    const domain::Event &event = definition.event.event;
    return {.event = event.name,
            .lines = {"Doors " + base::formatInstant(*event.doorsAt), "For practice only"},
            .type = ticket.typeName,
            .seat = {},
            .holder = numbered("Guest %04u", ticket.listed.ticket.ordinal.value),
            .code = ticket.code,
            .typed = ticket.typed};
}

/// Everything that is made ticket by ticket.
struct Outputs
{
    explicit Outputs(const std::string &folder)
        : folder(folder), tickets(folder + "/tickets.csv"), guests(folder + "/guests.csv")
    {
        tickets << "ordinal,type,code,typed\n";
        guests << "Order #,First Name,Last Name,Email,Quantity,Ticket Type,Attendee #,Barcode #,Attendee Status\n";
    }

    std::string folder;
    Writer tickets;
    Writer guests;
    std::vector<artwork::TicketArt> pages;
};

Result<void> addSigned(PracticeEvent &event, const PracticeOptions &options, protocol::BundleBuilder &bundle,
                       Outputs &outputs)
{
    for (std::uint32_t n = 1; n <= options.tickets; ++n) {
        const bool coded = n <= std::max(options.draw, options.codes);
        const PracticeTicket ticket =
            event.signedTicket({n}, coded ? PracticeEvent::Code::Sign : PracticeEvent::Code::Skip);
        bundle.add(ticket.listed);
        if (n <= options.codes)
            outputs.tickets << std::to_string(n) << "," << ticket.typeName << ","
                            << "\"" << ticket.code << "\"," << ticket.typed << "\n";
        if (n > options.draw)
            continue;
        outputs.pages.push_back(artOf(ticket, event.definition()));
        const auto png = artwork::drawPng(outputs.pages.back());
        if (!png)
            return png.error();
        Writer file(outputs.folder + "/tickets/" + numbered("ticket-%06u.png", n));
        if (auto written = (file << *png).close(); !written)
            return written;
    }
    if (outputs.pages.empty())
        return {};
    const auto pdf = artwork::drawPdf(outputs.pages);
    if (!pdf)
        return pdf.error();
    Writer file(outputs.folder + "/tickets.pdf");
    return (file << *pdf).close();
}

void addForeign(PracticeEvent &event, const PracticeOptions &options, protocol::BundleBuilder &bundle, Outputs &outputs)
{
    for (std::uint32_t n = 1; n <= options.foreign; ++n) {
        const PracticeTicket ticket = event.foreignTicket({options.tickets + n});
        bundle.add(ticket.listed);
        outputs.guests << numbered("%u", 100'000 + n / 2) << ",Guest," << numbered("%04u", n) << ","
                       << numbered("guest%04u@example.org", n) << ",1,General Admission,"
                       << numbered("%u", 700'000'000 + n) << "," << ticket.code << ",Attending\n";
    }
}

/// A practice event that was there is replaced as a whole: its drawings would lead nowhere.
Result<void> makeFolder(const std::string &folder, std::ostream &progress)
{
    std::error_code failed;
    if (std::filesystem::exists(folder + "/practice.bundle", failed)) {
        progress << folder << ": the practice event that was here is replaced. A device that holds it takes no other: "
                 << "give it a new folder.\n";
        for (const auto &entry : std::filesystem::directory_iterator(folder + "/tickets", failed)) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with("ticket-") && name.ends_with(".png"))
                std::filesystem::remove(entry.path(), failed);
        }
        std::filesystem::remove(folder + "/tickets.pdf", failed);
    }
    std::filesystem::create_directories(folder + "/tickets", failed);
    if (failed)
        return base::Error{base::ErrorCode::Unavailable, folder + ": " + failed.message(), {}};
    return {};
}

} // namespace

Result<void> practice(const PracticeOptions &options, base::Random &random, std::ostream &progress)
{
    if (options.tickets + std::uint64_t{options.foreign} > domain::kOrdinalMax)
        return base::invalid("an event has at most " + std::to_string(domain::kOrdinalMax) + " tickets");
    if (auto made = makeFolder(options.folder, progress); !made)
        return made;

    const PracticeKeys keys = PracticeKeys::make(random);
    PracticeEvent event(keys, options.opens, random);
    protocol::BundleBuilder bundle(event.definition());
    Outputs outputs(options.folder);
    if (options.tickets + std::uint64_t{options.foreign} >= kProgressEvery)
        progress << "Making " << options.tickets + std::uint64_t{options.foreign} << " tickets…\n" << std::flush;
    if (auto added = addSigned(event, options, bundle, outputs); !added)
        return added;
    addForeign(event, options, bundle, outputs);
    for (Writer *list : {&outputs.tickets, &outputs.guests}) {
        if (auto written = list->close(); !written)
            return written;
    }

    const std::uint64_t sequence = 1 + std::uint64_t{options.tickets} + options.foreign;
    const auto parts = bundle.finish(
        {.cursor = {event.definition().event.event.id, 1, sequence}, .madeAt = options.madeAt}, keys.bundle);
    Writer file(options.folder + "/practice.bundle");
    file << parts.head;
    for (const base::Bytes &chunk : parts.chunks)
        file << chunk;
    if (auto written = file.close(); !written)
        return written;
    if (auto written = profile::writeSecretFile(options.folder + "/practice.key", keys.text()); !written)
        return written;
    Writer open(options.folder + "/practice.pub");
    if (auto written = (open << keys.publicText()).close(); !written)
        return written;
    progress << options.folder << ": " << options.tickets << " signed tickets ("
             << std::min(options.tickets, options.draw) << " drawn), " << options.foreign
             << " tickets of another system\n";
    return {};
}

} // namespace voelgoed::gate

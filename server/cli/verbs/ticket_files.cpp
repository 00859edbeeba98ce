#include "server/cli/verbs/verbs.h"

#include <fstream>
#include <iostream>

namespace voelgoed::cli {

using base::Result;

namespace {

constexpr std::size_t kListMax = std::size_t{64} << 20;
constexpr std::chrono::milliseconds kImportWithin = std::chrono::minutes(15);

struct Given
{
    std::string event, file, mapping, separator, encoding, type, out, ticket;
    std::vector<std::string> types;
    bool skipBad = false, check = false, noHeader = false, wholeUrls = false;
};

/// How the file was understood, and what was found in it.
std::string reportText(const base::Json &report)
{
    std::string text;
    const auto &recognised = report.at("recognised").as_object();
    if (const auto *title = recognised.if_contains("system_title"); title && title->is_string())
        text += "Looks like: " + plainText(*title) + "\n";
    if (const auto *columns = recognised.if_contains("columns"); columns && columns->is_array()) {
        for (const auto &column : columns->as_array()) {
            std::string names;
            for (const auto &each : column.at("columns").as_array())
                names += (names.empty() ? "" : " + ") + plainText(each.at("header"));
            text += "  " + plainText(column.at("use")) + ": " + names + " (" + plainText(column.at("why")) + ")\n";
        }
    }
    for (const auto &finding : report.at("findings").as_array()) {
        text += plainText(finding.at("severity")) + ": " + plainText(finding.at("kind")) + ", " +
                plainText(finding.at("total")) + " rows. " + std::string(finding.at("advice").as_string()) + "\n";
        for (const auto &first : finding.at("first").as_array())
            text += "  line " + plainText(first.at("line")) + ": " + std::string(first.at("text").as_string()) + "\n";
        const auto *lines = finding.as_object().if_contains("lines");
        if (lines && finding.at("total").to_number<std::size_t>() > finding.at("first").as_array().size())
            text += "  all lines: " + plainText(*lines) + "\n";
    }
    return text;
}

Result<Exit> import(Shell &shell, const Given &in)
{
    auto text = contentsOf(in.file, kListMax);
    if (!text)
        return text.error();
    const auto id = shell.event(in.event);
    if (!id)
        return id.error();
    Request request{.method = "POST",
                    .path = "/v1/events/" + *id + "/tickets/import" + (in.check ? "/check" : ""),
                    .query = {},
                    .body = std::move(*text),
                    .contentType = "application/octet-stream",
                    .fields = {}};
    for (const auto &[name, value] :
         {std::pair("mapping", in.mapping), std::pair("separator", in.separator), std::pair("encoding", in.encoding),
          std::pair("type", in.type), std::pair("header", std::string(in.noHeader ? "absent" : "")),
          std::pair("urls", std::string(in.wholeUrls ? "whole" : "")),
          std::pair("skip_bad", std::string(in.skipBad ? "true" : ""))}) {
        if (!value.empty())
            request.query.emplace_back(name, value);
    }
    for (const std::string &type : in.types)
        request.query.emplace_back("types", type);
    // Nothing comes back before all of it is in.
    shell.client().connection().within = std::max(shell.client().connection().within, kImportWithin);
    const auto answer = in.check ? shell.client().json(request) : shell.once(std::move(request));
    if (!answer) {
        base::Error error = answer.error();
        if (error.word == "bad_rows")
            error.hint += "\nMend these lines, or leave them out with --skip-bad; --check shows the whole report.";
        return error;
    }
    if (shell.isJson())
        return shell.say(*answer, {});
    std::cerr << reportText(answer->at("report"));
    for (const auto &type : answer->at("unknown_types").as_array())
        std::cerr << "no such ticket type: " << plainText(type.at("name")) << " (" << plainText(type.at("rows"))
                  << " rows: lines " << plainText(type.at("lines")) << "); --type-of \"NAME=TYPE\" names one\n";
    if (const auto &more = answer->at("more_unknown_types"); plainText(more.at("types")) != "0")
        std::cerr << "and " << plainText(more.at("types")) << " other types that there are not ("
                  << plainText(more.at("rows")) << " rows: lines " << plainText(more.at("lines")) << ")\n";
    const std::string counts = plainText(answer->at("added")) + " added, " + plainText(answer->at("changed")) +
                               " changed, " + plainText(answer->at("unchanged")) + " unchanged, " +
                               plainText(answer->at("left_out")) + " left out";
    return shell.say(*answer, (in.check ? "Would be: " : "") + counts);
}

/// RFC 4180.
std::string quoted(const base::Json &value)
{
    std::string text = value.is_string() ? std::string(value.as_string()) : base::toText(value);
    // A spreadsheet must not take it for a formula.
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
        text.insert(0, "'");
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string out = "\"";
    for (const char c : text)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

Result<Exit> codes(Shell &shell, const Given &in)
{
    const auto id = shell.event(in.event);
    if (!id)
        return id.error();
    std::string after = "0";
    bool isFirst = true;
    for (;;) {
        const auto page = shell.get("/v1/events/" + *id + "/codes", {{"after", after}, {"limit", "1000"}});
        if (!page)
            return page.error();
        if (!shell.isJson() && isFirst)
            std::cout << "Number,Type,State,Code,Typed\r\n";
        isFirst = false;
        for (const auto &row : page->at("data").as_array()) {
            if (shell.isJson()) {
                std::cout << base::toText(row) << "\n";
                continue;
            }
            std::cout << quoted(row.at("ordinal")) << ',' << quoted(row.at("type")) << ',' << quoted(row.at("state"))
                      << ',' << quoted(row.at("code")) << ',' << quoted(row.at("typed")) << "\r\n";
        }
        if (!page->at("has_more").as_bool())
            return Exit::Done;
        after = plainText(page->at("next"));
    }
}

Result<void> writeFile(const std::string &file, const std::string &bytes)
{
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out)
        return base::Error{base::ErrorCode::Unavailable, file + ": cannot be written", {}};
    return {};
}

/// "tickets.pdf" as "tickets-2.pdf".
std::string numbered(const std::string &file, int number)
{
    if (number == 1)
        return file;
    const auto dot = file.rfind('.');
    const std::string more = "-" + std::to_string(number);
    return dot == std::string::npos ? file + more : file.substr(0, dot) + more + file.substr(dot);
}

Result<Exit> print(Shell &shell, const Given &in)
{
    const auto id = shell.event(in.event);
    if (!id)
        return id.error();
    const std::string base = "/v1/events/" + *id;
    if (!in.ticket.empty()) {
        const bool asPicture = in.out.ends_with(".png");
        const auto answer = shell.client().ask(
            {.method = "GET",
             .path = base + "/tickets/" + escaped(in.ticket) + (asPicture ? "/ticket.png" : "/ticket.pdf")});
        if (!answer)
            return answer.error();
        if (const auto written = writeFile(in.out, answer->body); !written)
            return written.error();
        shell.note(in.out);
        return Exit::Done;
    }
    std::string after = "0";
    for (int file = 1;; ++file) {
        const auto answer = shell.client().ask(
            {.method = "GET", .path = base + "/tickets.pdf", .query = {{"after", after}, {"limit", "500"}}});
        if (!answer)
            return answer.error();
        const std::string name = numbered(in.out, file);
        if (const auto written = writeFile(name, answer->body); !written)
            return written.error();
        shell.note(name);
        after = answer->field("voelgoed-next");
        if (after.empty())
            return Exit::Done;
    }
}

} // namespace

void addTicketFiles(CLI::App &ticket, Shell &shell)
{
    auto *list = ticket.add_subcommand("import", "Take a guest list of another system: CSV, JSON");
    auto in = std::make_shared<Given>();
    list->add_option("EVENT", in->event, "The event's short name or id")->required();
    list->add_option("FILE", in->file, "The list, or -")->required();
    list->add_flag("--check", in->check, "Only say what would be done");
    list->add_flag("--skip-bad", in->skipBad, "Take the good rows, and leave out the bad ones");
    list->add_option("--map", in->mapping, "Which columns are what: code=Barcode #, name=First Name+Last Name");
    list->add_option("--type", in->type, "The ticket type of rows that name none");
    list->add_option("--type-of", in->types, "Their type's name and yours: \"Early Bird=adult\"");
    list->add_option("--separator", in->separator, "comma, semicolon, tab or pipe, where it is guessed wrongly");
    list->add_option("--encoding", in->encoding, "utf8, cp1252, utf16le or utf16be, where it is guessed wrongly");
    list->add_flag("--no-header", in->noHeader, "The first row is a guest");
    list->add_flag("--whole-urls", in->wholeUrls, "Codes that are web addresses stay whole");
    shell.choose(list, [&shell, in] { return import(shell, *in); });

    auto *export_ = ticket.add_subcommand("codes", "What tickets' holders show at the gate, as CSV");
    auto of = std::make_shared<Given>();
    export_->add_option("EVENT", of->event, "The event's short name or id")->required();
    shell.choose(export_, [&shell, of] { return codes(shell, *of); });

    auto *paper = ticket.add_subcommand("print", "Tickets as pages (PDF) or a picture (PNG)");
    auto drawn = std::make_shared<Given>();
    paper->add_option("EVENT", drawn->event, "The event's short name or id")->required();
    paper->add_option("TICKET", drawn->ticket, "One ticket; without it all, 500 a file");
    paper->add_option("--out", drawn->out, "The file: .pdf, or .png for one ticket")->required();
    shell.choose(paper, [&shell, drawn] { return print(shell, *drawn); });
}

} // namespace voelgoed::cli

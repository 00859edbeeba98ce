#include "server/slices/ticketing/import/read.h"

#include "server/slices/ticketing/import/json_records.h"

namespace voelgoed::ticketing::import {

namespace {

/// A file of which it is known what it is.
struct Opened
{
    Text text;
    Recognised recognised;
    CsvStart start;
    JsonTable json;
};

base::Result<Opened> open(std::string_view bytes, const ImportRequest &request)
{
    if (bytes.empty())
        return base::invalid("the file is empty", "Export the list once more.");
    const auto kind = fileKind(bytes);
    if (!kind)
        return kind.error();
    auto text = decode(bytes, request.encoding);
    if (!text)
        return text.error();
    Opened opened;
    opened.recognised.kind = *kind;
    opened.recognised.encoding = text->encoding;
    opened.recognised.mark = text->mark;
    opened.text = std::move(*text);
    if (*kind == FileKind::Json) {
        auto json = jsonTable(opened.text.view());
        if (!json)
            return json.error();
        opened.json = std::move(*json);
        return opened;
    }
    const auto dialect = dialectOf(opened.text.view(), request.separator);
    if (!dialect)
        return dialect.error();
    opened.start = dialect->start;
    opened.recognised.separator = dialect->start.separator;
    opened.recognised.separatorFrom = dialect->from;
    return opened;
}

base::Result<Layout> layoutOf(const Opened &opened, const LayoutRequest &request)
{
    if (opened.recognised.kind == FileKind::Json) {
        JsonRecords records(opened.json);
        return import::layoutOf(records, {.mapping = request.mapping, .header = HeaderRow::Present});
    }
    CsvReader records(opened.text.view(), opened.start);
    return import::layoutOf(records, request);
}

} // namespace

base::Result<Recognised> recognise(std::string_view bytes, const ImportRequest &request)
{
    auto opened = open(bytes, request);
    if (!opened)
        return opened.error();
    auto layout = layoutOf(*opened, request.layout);
    if (!layout)
        return layout.error();
    opened->recognised.layout = std::move(*layout);
    return std::move(opened->recognised);
}

base::Result<Outcome> readGuestList(std::string_view bytes, const ImportRequest &request)
{
    auto opened = open(bytes, request);
    if (!opened)
        return opened.error();
    auto layout = layoutOf(*opened, request.layout);
    if (!layout)
        return layout.error();
    Outcome outcome{.recognised = std::move(opened->recognised), .list = {}};
    outcome.recognised.layout = std::move(*layout);
    JsonRecords objects(opened->json);
    CsvReader rows(opened->text.view(), opened->start);
    Records &records = outcome.recognised.kind == FileKind::Json ? static_cast<Records &>(objects) : rows;
    auto list = readGuests(records, outcome.recognised.layout, request.guests);
    if (!list)
        return list.error();
    outcome.list = std::move(*list);
    outcome.recognised.lineEnds = rows.lineEnds();
    return outcome;
}

} // namespace voelgoed::ticketing::import

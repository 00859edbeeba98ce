#include "server/slices/ticketing/import/json_records.h"

#include "server/slices/ticketing/import/csv.h"

#include "shared/base/json_reader.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <map>

namespace voelgoed::ticketing::import {

namespace {

const char kAgain[] = "Bring the list of issued tickets as Ticket Tailor's API gives it.";
constexpr std::string_view kQuestions = "custom_questions";
constexpr std::size_t kColumnsMax = CsvLimits{}.columns;
constexpr std::size_t kRowsMax = CsvLimits{}.records - 1;

/// Nothing for a list or an object.
std::optional<std::string> cellOf(const base::Json &value)
{
    if (value.is_null())
        return std::string();
    if (const auto *text = value.if_string())
        return std::string(text->data(), text->size());
    if (value.is_object() || value.is_array())
        return std::nullopt;
    return base::toText(value);
}

class TableBuilder
{
public:
    void addRow(const base::JsonPlace &place)
    {
        m_table.rows.emplace_back();
        m_table.raw.push_back(base::toText(place.json));
        place.eachField([&](std::string_view key, const base::JsonPlace &field) {
            if (key == kQuestions && field.json.is_array())
                return field.each([&](const base::JsonPlace &question) { addAnswer(question); }, kColumnsMax);
            if (const auto cell = cellOf(field.json))
                put(std::string(key), *cell, field);
        });
    }

    JsonTable take() { return std::move(m_table); }

private:
    void addAnswer(const base::JsonPlace &place)
    {
        base::ObjectReader object(place);
        const auto question = object.find("question");
        const auto answer = object.find("answer");
        const auto cell = answer ? cellOf(answer->json) : std::nullopt;
        if (question && cell)
            put(question->text(), *cell, place);
    }

    void put(const std::string &header, const std::string &cell, const base::JsonPlace &place)
    {
        const auto [column, fresh] = m_columns.emplace(header, m_table.headers.size());
        if (fresh && m_table.headers.size() == kColumnsMax)
            return place.fail("more than " + grouped(kColumnsMax) + " different fields");
        if (fresh)
            m_table.headers.push_back(header);
        m_table.rows.back().emplace_back(column->second, cell);
    }

    JsonTable m_table;
    std::map<std::string, std::size_t> m_columns;
};

} // namespace

base::Result<JsonTable> jsonTable(std::string_view text)
{
    const auto json = base::parseJson(text);
    if (!json)
        return base::Error{json.error().code, json.error().message, kAgain};
    const auto *answer = json->if_object();
    const auto *data = answer ? answer->if_contains("data") : nullptr;
    if (!json->is_array() && !data)
        return base::invalid("the JSON is neither a list nor an object with a list called data", kAgain);
    base::JsonFailure failure;
    TableBuilder builder;
    const base::JsonPlace place{data ? *data : *json, data ? "data" : "", failure};
    place.each([&](const base::JsonPlace &item) { builder.addRow(item); }, kRowsMax);
    if (failure.happened())
        return base::Error{failure.error()->code, failure.error()->message, kAgain};
    return builder.take();
}

base::Result<std::optional<Record>> JsonRecords::next()
{
    if (m_next > m_table.rows.size())
        return std::optional<Record>();
    const std::size_t index = m_next++;
    m_fields.assign(m_table.headers.size(), {.text = {}, .line = index});
    if (index == 0) {
        for (std::size_t i = 0; i < m_fields.size(); ++i)
            m_fields[i].text = m_table.headers[i];
    } else {
        for (const auto &[column, cell] : m_table.rows[index - 1])
            m_fields[column].text = cell;
    }
    const std::string_view raw = index == 0 ? std::string_view() : m_table.raw[index - 1];
    return std::optional<Record>({.line = index, .fields = m_fields, .raw = raw, .stray = std::nullopt});
}

} // namespace voelgoed::ticketing::import

// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/quake_events.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <QDateTime>
#include <QFile>

namespace millrace::handlers {

namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

Result<Json> readResource(const char* name)
{
    QFile file(QStringLiteral(":/millrace/") + QString::fromLatin1(name));
    if (!file.open(QIODevice::ReadOnly))
        return base::fail(base::ErrorCode::Corrupt,
                          std::string("the program lacks its file ") + name);
    const QByteArray bytes = file.readAll();
    Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
    if (json.is_discarded())
        return base::fail(base::ErrorCode::Corrupt,
                          std::string("the program's file ") + name + " is not JSON");
    return json;
}

std::string rfc3339(std::int64_t ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC).toString(Qt::ISODateWithMs).toStdString();
}

/// `<root>[properties][mag]` becomes `properties.mag`.
std::string readablePath(const std::vector<std::string>& context)
{
    std::string path;
    for (const std::string& step : context) {
        if (step == "<root>")
            continue;
        const bool isBracketed = step.size() >= 2 && step.front() == '[' && step.back() == ']';
        if (!path.empty())
            path += '.';
        path += isBracketed ? step.substr(1, step.size() - 2) : step;
    }
    return path.empty() ? "event" : path;
}

/// The error that lies deepest says what is wrong; those above it only say that something below
/// them is.
std::string describe(const valijson::ValidationResults& results)
{
    const valijson::ValidationResults::Error* deepest = nullptr;
    for (const auto& error : results) {
        if (deepest == nullptr || error.context.size() > deepest->context.size())
            deepest = &error;
    }
    if (deepest == nullptr)
        return "event: does not fit the schema";
    return readablePath(deepest->context) + ": " + deepest->description;
}

} // namespace

Result<std::shared_ptr<const QuakeEvents>> loadQuakeEvents()
{
    const Result<Json> week = readResource("earthquakes/week.geojson");
    if (!week)
        return tl::unexpected(week.error());
    auto events = std::make_shared<QuakeEvents>();
    for (const Json& feature : week->at("features")) {
        const Json& properties = feature.at("properties");
        events->push_back({feature.at("id").get<std::string>(),
                           rfc3339(properties.at("time").get<std::int64_t>()),
                           feature.dump(),
                           properties.at("mag").get<double>()});
    }
    return std::shared_ptr<const QuakeEvents>(std::move(events));
}

Result<QuakeFacts> quakeFacts(std::string_view text)
{
    try {
        const Json json = Json::parse(text);
        const Json& properties = json.at("properties");
        return QuakeFacts{json.at("id").get<std::string>(),
                          properties.value("place", std::string()),
                          properties.at("mag").get<double>(),
                          properties.at("time").get<std::int64_t>()};
    } catch (const Json::exception& error) {
        return base::fail(base::ErrorCode::Invalid,
                          std::string("the body is not an earthquake event: ") + error.what());
    }
}

struct QuakeValidator::Schema
{
    valijson::Schema rules;
};

QuakeValidator::QuakeValidator(std::unique_ptr<Schema> schema)
    : m_schema(std::move(schema))
{}

QuakeValidator::~QuakeValidator() = default;

Result<std::unique_ptr<QuakeValidator>> QuakeValidator::load()
{
    const Result<Json> json = readResource("schemas/quake.schema.json");
    if (!json)
        return tl::unexpected(json.error());
    auto schema = std::make_unique<Schema>();
    try {
        valijson::SchemaParser(valijson::SchemaParser::kDraft7)
            .populateSchema(Adapter(*json), schema->rules);
    } catch (const std::exception& error) {
        return base::fail(base::ErrorCode::Corrupt,
                          std::string("the schema of earthquake events is wrong: ") + error.what());
    }
    return std::unique_ptr<QuakeValidator>(new QuakeValidator(std::move(schema)));
}

Result<void> QuakeValidator::check(std::string_view text) const
{
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded())
        return base::fail(base::ErrorCode::Invalid, "event: the body is not JSON");
    valijson::ValidationResults results;
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    if (validator.validate(m_schema->rules, Adapter(json), &results))
        return {};
    return base::fail(base::ErrorCode::Invalid, describe(results));
}

} // namespace millrace::handlers

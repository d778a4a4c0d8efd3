// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/envelope.h"

#include "core/message/utf8_p.h"

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace millrace::message {

namespace {

using protozero::pbf_wire_type;
using protozero::tag_and_type;

/// Field numbers of `Envelope` in transport/wire/millrace.proto: never renumber.
enum Field : std::uint32_t {
    kId = 1,
    kSource = 2,
    kType = 3,
    kSubject = 4,
    kTime = 5,
    kDataContentType = 6,
    kDataSchema = 7,
    kCorrelationId = 8,
    kCausationId = 9,
    kTraceParent = 10,
    kPartitionKey = 11,
    kPriority = 12,
    kIdempotencyKey = 13,
    kDeliverAtUs = 14,
    kExpiresAtUs = 15,
    kAttributes = 16,
    kUniqueKey = 17,
};

struct TextField
{
    std::uint32_t number;
    const char* name;
    std::string Envelope::*member;
};
constexpr TextField kTextFields[] = {
    {kId, "id", &Envelope::id},
    {kSource, "source", &Envelope::source},
    {kType, "type", &Envelope::type},
    {kSubject, "subject", &Envelope::subject},
    {kTime, "time", &Envelope::time},
    {kDataContentType, "datacontenttype", &Envelope::dataContentType},
    {kDataSchema, "dataschema", &Envelope::dataSchema},
    {kCorrelationId, "correlation_id", &Envelope::correlationId},
    {kCausationId, "causation_id", &Envelope::causationId},
    {kTraceParent, "traceparent", &Envelope::traceParent},
    {kPartitionKey, "partition_key", &Envelope::partitionKey},
    {kIdempotencyKey, "idempotency_key", &Envelope::idempotencyKey},
    {kUniqueKey, "unique_key", &Envelope::uniqueKey},
};

const char* nameOf(std::uint32_t number)
{
    for (const TextField& field : kTextFields) {
        if (field.number == number)
            return field.name;
    }
    return "attributes";
}

std::string_view toView(protozero::data_view view) noexcept
{
    return {view.data(), view.size()};
}

/// Walks an encoded envelope and checks it; `Sink` receives each field.
template<typename Sink>
class Walk
{
public:
    explicit Walk(Sink& sink)
        : m_sink(sink)
    {
    }

    base::Result<void> run(std::string_view bytes)
    {
        if (bytes.size() > kMaxEnvelopeBytes) {
            return base::fail(base::ErrorCode::Limit,
                              "the envelope has " + std::to_string(bytes.size())
                                  + " bytes; at most 65536 are allowed: move data into the body");
        }
        m_knownAscii = isAscii(bytes);
        try {
            protozero::pbf_reader reader(bytes.data(), bytes.size());
            while (reader.next()) {
                if (auto read = field(reader); !read)
                    return read;
            }
        } catch (const protozero::exception& error) {
            return malformed(error.what());
        }
        return required();
    }

private:
    base::Result<void> field(protozero::pbf_reader& reader)
    {
        const std::uint32_t number = reader.tag();
        const pbf_wire_type type = reader.wire_type();
        const bool isText = (number >= kId && number <= kIdempotencyKey && number != kPriority) || number == kUniqueKey;
        if (isText) {
            if (type != pbf_wire_type::length_delimited)
                return malformed("a text attribute has another type");
            return text(number, toView(reader.get_view()));
        }
        if (number == kAttributes) {
            if (type != pbf_wire_type::length_delimited)
                return malformed("`attributes` has another type");
            return attribute(reader.get_view());
        }
        if (number == kPriority || number == kDeliverAtUs || number == kExpiresAtUs) {
            if (type != pbf_wire_type::varint)
                return malformed("a number has another type");
            return integer(number, reader);
        }
        reader.skip();
        return {};
    }

    base::Result<void> checkText(const char* name, std::string_view value)
    {
        if (value.size() > kMaxAttributeBytes) {
            return base::fail(base::ErrorCode::Limit,
                              "envelope attribute `" + std::string(name) + "` has "
                                  + std::to_string(value.size())
                                  + " bytes; at most 4096 are allowed");
        }
        if (!m_knownAscii && !isUtf8(value)) {
            return base::fail(base::ErrorCode::Protocol,
                              "envelope attribute `" + std::string(name)
                                  + "` is not valid UTF-8");
        }
        return {};
    }

    base::Result<void> text(std::uint32_t number, std::string_view value)
    {
        if (value.size() > kMaxAttributeBytes || !m_knownAscii) {
            if (auto checked = checkText(nameOf(number), value); !checked)
                return checked;
        }
        if (number <= kType)
            m_present = value.empty() ? m_present & ~(1U << number) : m_present | (1U << number);
        m_sink.onText(number, value);
        return {};
    }

    base::Result<void> integer(std::uint32_t number, protozero::pbf_reader& reader)
    {
        if (number == kPriority) {
            const std::uint64_t priority = reader.get_uint64();
            if (priority > kHighestPriority) {
                return base::fail(base::ErrorCode::Protocol,
                                  "envelope priority " + std::to_string(priority)
                                      + " is out of range: it must be 0 to 9");
            }
            m_sink.onPriority(static_cast<std::uint8_t>(priority));
        } else if (number == kDeliverAtUs) {
            m_sink.onDeliverAt(reader.get_int64());
        } else {
            m_sink.onExpiresAt(reader.get_int64());
        }
        return {};
    }

    base::Result<void> attribute(protozero::data_view entry)
    {
        std::string_view key;
        std::string_view value;
        protozero::pbf_reader reader(entry);
        while (reader.next()) {
            if (reader.tag_and_type() == tag_and_type(1, pbf_wire_type::length_delimited))
                key = toView(reader.get_view());
            else if (reader.tag_and_type() == tag_and_type(2, pbf_wire_type::length_delimited))
                value = toView(reader.get_view());
            else
                reader.skip();
        }
        for (const std::string_view part : {key, value}) {
            if (auto checked = checkText("attributes", part); !checked)
                return checked;
        }
        m_sink.onAttribute(key, value);
        return {};
    }

    base::Result<void> required() const
    {
        for (const std::uint32_t number : {kId, kSource, kType}) {
            if ((m_present & (1U << number)) == 0) {
                return base::fail(base::ErrorCode::Invalid,
                                  "envelope attribute `" + std::string(nameOf(number))
                                      + "` is missing: every message needs id, source and type");
            }
        }
        return {};
    }

    static base::Result<void> malformed(const char* what)
    {
        return base::fail(base::ErrorCode::Protocol,
                          "the bytes are not an encoded envelope: " + std::string(what));
    }

    Sink& m_sink;
    std::uint32_t m_present = 0;
    bool m_knownAscii = false;
};

struct EnvelopeSink
{
    Envelope envelope;

    void onText(std::uint32_t number, std::string_view value)
    {
        for (const TextField& field : kTextFields) {
            if (field.number == number)
                envelope.*field.member = value;
        }
    }
    void onPriority(std::uint8_t priority) { envelope.priority = priority; }
    void onDeliverAt(std::int64_t us) { envelope.deliverAtUs = us; }
    void onExpiresAt(std::int64_t us) { envelope.expiresAtUs = us; }
    void onAttribute(std::string_view key, std::string_view value)
    {
        envelope.attributes.insert_or_assign(std::string(key), std::string(value));
    }
};

struct ViewSink
{
    EnvelopeView view;

    void onText(std::uint32_t number, std::string_view value) noexcept
    {
        switch (number) {
        case kId: view.id = value; break;
        case kSource: view.source = value; break;
        case kType: view.type = value; break;
        case kSubject: view.subject = value; break;
        case kCorrelationId: view.correlationId = value; break;
        case kPartitionKey: view.partitionKey = value; break;
        case kIdempotencyKey: view.idempotencyKey = value; break;
        case kUniqueKey: view.uniqueKey = value; break;
        default: break;
        }
    }
    void onPriority(std::uint8_t priority) noexcept { view.priority = priority; }
    void onDeliverAt(std::int64_t us) noexcept { view.deliverAtUs = us; }
    void onExpiresAt(std::int64_t us) noexcept { view.expiresAtUs = us; }
    void onAttribute(std::string_view, std::string_view) noexcept {}
};

} // namespace

std::string encode(const Envelope& envelope)
{
    std::string bytes;
    protozero::pbf_writer writer(bytes);
    const auto text = [&](std::uint32_t number, const std::string& value) {
        if (!value.empty())
            writer.add_string(number, value);
    };
    for (const TextField& field : kTextFields) {
        if (field.number < kPriority)
            text(field.number, envelope.*field.member);
    }
    if (envelope.priority != kDefaultPriority)
        writer.add_uint32(kPriority, envelope.priority);
    text(kIdempotencyKey, envelope.idempotencyKey);
    if (envelope.deliverAtUs != 0)
        writer.add_int64(kDeliverAtUs, envelope.deliverAtUs);
    if (envelope.expiresAtUs != 0)
        writer.add_int64(kExpiresAtUs, envelope.expiresAtUs);
    for (const auto& [key, value] : envelope.attributes) {
        protozero::pbf_writer entry(writer, kAttributes);
        entry.add_string(1, key);
        entry.add_string(2, value);
    }
    text(kUniqueKey, envelope.uniqueKey);
    return bytes;
}

base::Result<Envelope> decodeEnvelope(std::string_view bytes)
{
    EnvelopeSink sink;
    if (auto walked = Walk<EnvelopeSink>(sink).run(bytes); !walked)
        return tl::unexpected(std::move(walked).error());
    return std::move(sink.envelope);
}

base::Result<EnvelopeView> viewEnvelope(std::string_view bytes)
{
    ViewSink sink;
    if (auto walked = Walk<ViewSink>(sink).run(bytes); !walked)
        return tl::unexpected(std::move(walked).error());
    return sink.view;
}

} // namespace millrace::message

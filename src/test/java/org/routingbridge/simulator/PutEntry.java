package org.routingbridge.simulator;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * One entry of a PutEvents request, with the checks that EventBridge makes on it.
 *
 * <p>Facts:
 * <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html">request
 * entry</a>, <a href="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html">size of an
 * entry</a>. A missing member is null here.
 */
record PutEntry(String bus, String source, String detailType, Instant time, String detail, List<String> resources,
                String traceHeader, boolean detailIsObject, String id) {

    private static final int BYTES_OF_TIME = 14;
    private static final int LONGEST_DETAIL_TYPE = 128;
    private static final int LONGEST_SOURCE = 256;

    static PutEntry read(JsonNode json) {
        List<String> resources = new ArrayList<>();
        json.path("Resources").forEach(resource -> resources.add(resource.asText()));
        String detail = text(json, "Detail");
        DetailScan scan = detail == null ? DetailScan.NO_OBJECT : DetailScan.of(detail);
        return new PutEntry(busName(text(json, "EventBusName")), text(json, "Source"), text(json, "DetailType"),
                time(json.path("Time")), detail, List.copyOf(resources), text(json, "TraceHeader"), scan.isObject(),
                scan.id());
    }

    /** The bus's name, from a name or an ARN; the account's default bus where the caller names none. */
    static String busName(String nameOrArn) {
        if (nameOrArn == null || nameOrArn.isEmpty()) {
            return "default";
        }
        return nameOrArn.startsWith("arn:") ? nameOrArn.substring(nameOrArn.indexOf('/') + 1) : nameOrArn;
    }

    long size() {
        long size = (time == null ? 0 : BYTES_OF_TIME) + utf8(source) + utf8(detailType) + utf8(detail)
                + utf8(traceHeader);
        for (String resource : resources) {
            size += utf8(resource);
        }
        return size;
    }

    /** What is wrong with it; empty for nothing. */
    Optional<Refusal> refusal() {
        if (missing(source)) {
            return invalid("Source", "Source is a required argument.");
        }
        if (source.length() > LONGEST_SOURCE) {
            return invalid("Source", "Source is longer than " + LONGEST_SOURCE + " characters.");
        }
        if (missing(detailType)) {
            return invalid("DetailType", "DetailType is a required argument.");
        }
        if (detailType.length() > LONGEST_DETAIL_TYPE) {
            return invalid("DetailType", "DetailType is longer than " + LONGEST_DETAIL_TYPE + " characters.");
        }
        if (missing(detail)) {
            return invalid("Detail", "Detail is a required argument.");
        }
        if (!detailIsObject) {
            return Optional.of(new Refusal("MalformedDetail", "Detail is malformed."));
        }
        return Optional.empty();
    }

    private static Optional<Refusal> invalid(String parameter, String reason) {
        return Optional.of(new Refusal("InvalidArgument",
                "Parameter " + parameter + " is not valid. Reason: " + reason));
    }

    private static boolean missing(String value) {
        return value == null || value.isEmpty();
    }

    private static String text(JsonNode json, String member) {
        return json.path(member).textValue();
    }

    private static Instant time(JsonNode seconds) {
        if (!seconds.isNumber()) {
            return null;
        }
        BigDecimal millis = seconds.decimalValue().movePointRight(3).setScale(0, RoundingMode.HALF_UP);
        return Instant.ofEpochMilli(millis.longValueExact());
    }

    /** Counted without encoding: at thousands of events a second the copies would be felt. */
    private static long utf8(String text) {
        if (text == null) {
            return 0;
        }
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes += 1;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (Character.isHighSurrogate(c) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                bytes += 3;
            }
        }
        return bytes;
    }

    /** An error code of an entry, and the sentence with it. */
    record Refusal(String code, String message) {
    }

    private record DetailScan(boolean isObject, String id) {

        static final DetailScan NO_OBJECT = new DetailScan(false, "");

        /** Reads to the end, because what follows a good beginning can still be malformed. */
        static DetailScan of(String detail) {
            try (JsonParser parser = Json.MAPPER.createParser(detail)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    return NO_OBJECT;
                }
                String id = "";
                for (JsonToken name = parser.nextToken(); name != JsonToken.END_OBJECT; name = parser.nextToken()) {
                    boolean isId = "id".equals(parser.currentName());
                    if (parser.nextToken() == JsonToken.VALUE_STRING && isId) {
                        id = parser.getText();
                    }
                    parser.skipChildren();
                }
                return parser.nextToken() == null ? new DetailScan(true, id) : NO_OBJECT;
            } catch (IOException e) {
                return NO_OBJECT;
            }
        }
    }
}

package org.routingbridge.cxone;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.routingbridge.settings.Settings;

/** Our webhook as CXone should have it, and how what it has differs from that (contract, section 7). */
final class WantedWebhook {

    static final String NAME = "routing-event-bridge";

    private static final JsonMapper JSON = new JsonMapper();
    private static final String HEADERS = "targetHeaders";
    private static final String SECRET_HEADER = "X-Webhook-Secret";
    /** Members that switch a webhook, and what means on. */
    private static final Map<String, Boolean> SWITCHES = Map.of("enabled", true, "isEnabled", true, "active", true,
            "isActive", true, "disabled", false);
    private static final List<String> STATES = List.of("status", "state");
    private static final Set<String> OFF = Set.of("disabled", "inactive", "paused", "suspended");

    private final Map<String, Object> body = new LinkedHashMap<>();

    WantedWebhook(Settings settings) {
        body.put("name", NAME);
        body.put("description", "Puts routing events on an AWS EventBridge bus");
        body.put("eventTypes", List.of("routing:queue:member:added", "routing:queue:member:removed",
                "routing:conversation:queued"));
        body.put("targetUrl", settings.publicUrl());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put(SECRET_HEADER, settings.webhookSecret());
        body.put(HEADERS, headers);
        body.put("format", "json");
        Map<String, Integer> retryPolicy = new LinkedHashMap<>();
        retryPolicy.put("maxRetries", 5);
        retryPolicy.put("retryIntervalMs", 1000);
        body.put("retryPolicy", retryPolicy);
    }

    /** What is sent to register it. */
    Map<String, Object> body() {
        return body;
    }

    /** By the names of what differs, what CXone has in place of it. */
    Map<String, String> differences(JsonNode registered) {
        Map<String, String> differences = new TreeMap<>();
        JSON.valueToTree(body).properties().stream().filter(member -> !matches(member.getKey(), member.getValue(),
                registered)).forEach(member -> differences.put(member.getKey(), ""
                + (member.getKey().equals(HEADERS) ? registered.path(HEADERS).hashCode()
                        : registered.get(member.getKey()))));
        switchedOff(registered).forEach(member -> differences.put(member, "" + registered.get(member)));
        return differences;
    }

    /** The members that say that the provider sends nothing. */
    private static List<String> switchedOff(JsonNode registered) {
        return Stream.concat(
                SWITCHES.keySet().stream().filter(member -> registered.path(member).isBoolean()
                        && registered.get(member).booleanValue() != SWITCHES.get(member)),
                STATES.stream().filter(member -> OFF.contains(registered.path(member).asText("")
                        .toLowerCase(Locale.ROOT)))).toList();
    }

    /** The body, with what switches it on where it is off. */
    Map<String, Object> bodyInPlaceOf(JsonNode registered) {
        Map<String, Object> enabling = new LinkedHashMap<>(body);
        switchedOff(registered).forEach(member -> {
            String state = registered.get(member).asText();
            enabling.put(member, SWITCHES.containsKey(member) ? SWITCHES.get(member)
                    : state.equals(state.toUpperCase(Locale.ROOT)) ? "ACTIVE" : "active");
        });
        return enabling;
    }

    /** Whether it is told which secret CXone has, rightly or wrongly. */
    boolean isSecretShown(JsonNode registered) {
        return !isUnknown(ignoringCase(registered.path(HEADERS)).get(SECRET_HEADER));
    }

    private static boolean matches(String member, JsonNode wanted, JsonNode registered) {
        return switch (member) {
            case HEADERS -> headersMatch(wanted, ignoringCase(registered.path(member)));
            case "targetUrl" -> isUnknown(registered.get(member))
                    || WebAddress.isSame(wanted.asText(), registered.get(member).asText());
            default -> matches(wanted, registered.get(member));
        };
    }

    private static boolean headersMatch(JsonNode wanted, Map<String, JsonNode> registered) {
        return wanted.properties().stream()
                .allMatch(header -> matches(header.getValue(), registered.get(header.getKey())));
    }

    /** What comes back absent or masked is not compared; lists are, without regard to their order. */
    private static boolean matches(JsonNode wanted, JsonNode registered) {
        if (isUnknown(registered)) {
            return true;
        }
        if (wanted.isArray() && registered.isArray()) {
            return texts(wanted).equals(texts(registered));
        }
        if (wanted.isObject() && registered.isObject()) {
            return wanted.properties().stream()
                    .allMatch(member -> matches(member.getValue(), registered.get(member.getKey())));
        }
        return wanted.asText().equals(registered.asText());
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.asText()));
        texts.sort(null);
        return texts;
    }

    private static boolean isUnknown(JsonNode value) {
        return value == null || value.isNull() || value.isMissingNode()
                || value.isTextual() && value.textValue().matches("\\*+");
    }

    private static Map<String, JsonNode> ignoringCase(JsonNode headers) {
        Map<String, JsonNode> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.properties().forEach(header -> map.put(header.getKey(), header.getValue()));
        return map;
    }
}

package org.routingbridge.cxone;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.camel.ExchangeException;
import org.routingbridge.cxone.RegistrationChange.Action;
import org.routingbridge.operations.BridgeMetrics;
import org.routingbridge.settings.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows how CXone should have our webhook, and compares that with what it has (contract, section 7). */
public final class WebhookRegistration {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookRegistration.class);
    private static final String NAME = "routing-event-bridge";
    private static final String SECRET_HEADER = "X-Webhook-Secret";
    private static final List<String> COLLECTIONS = List.of("webhooks", "entities", "items", "results", "data");

    private final JsonMapper json = new JsonMapper();
    private final Map<String, Object> wanted = new LinkedHashMap<>();
    private volatile boolean secretSent;
    private volatile Boolean well;

    public WebhookRegistration(Settings settings, BridgeMetrics metrics) {
        wanted.put("name", NAME);
        wanted.put("description", "Puts routing events on an AWS EventBridge bus");
        wanted.put("eventTypes", List.of("routing:queue:member:added", "routing:queue:member:removed",
                "routing:conversation:queued"));
        wanted.put("targetUrl", settings.publicUrl());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put(SECRET_HEADER, settings.webhookSecret());
        wanted.put("targetHeaders", headers);
        wanted.put("format", "json");
        Map<String, Integer> retryPolicy = new LinkedHashMap<>();
        retryPolicy.put("maxRetries", 5);
        retryPolicy.put("retryIntervalMs", 1000);
        wanted.put("retryPolicy", retryPolicy);
        metrics.gauge("bridge.registration.ok", "1 while CXone is known to have the webhook as it should be",
                () -> Boolean.TRUE.equals(well) ? 1 : 0);
    }

    /**
     * Compares CXone's list of webhooks with ours.
     *
     * @throws CxoneAnswerUnusable where it is no list
     */
    public RegistrationChange compare(String listing) {
        List<JsonNode> ours = webhooks(listing).stream().filter(webhook -> NAME.equals(webhook.path("name").asText()))
                .toList();
        if (ours.isEmpty()) {
            return new RegistrationChange(Action.CREATE, null, wanted);
        }
        if (ours.size() > 1) {
            LOG.warn("CXone has more than one webhook of our name; delete all but one name={} count={}", NAME,
                    ours.size());
        }
        JsonNode registered = ours.get(0);
        String id = registered.hasNonNull("id") ? registered.get("id").asText()
                : registered.path("webhookId").asText("");
        if (id.isEmpty()) {
            throw new CxoneAnswerUnusable("CXone lists our webhook without an id");
        }
        boolean secretUnknown = isUnknown(ignoringCase(registered.path("targetHeaders")).get(SECRET_HEADER));
        return matches(registered) && (secretSent || !secretUnknown) ? RegistrationChange.nothing()
                : new RegistrationChange(Action.UPDATE, id, wanted);
    }

    private List<JsonNode> webhooks(String listing) {
        JsonNode answer;
        try {
            answer = json.readTree(listing == null ? "" : listing);
        } catch (IOException e) {
            throw new CxoneAnswerUnusable("CXone's list of webhooks is not JSON");
        }
        JsonNode list = answer.isArray() ? answer : COLLECTIONS.stream().map(answer::path).filter(JsonNode::isArray)
                .findFirst().orElseThrow(() -> new CxoneAnswerUnusable("CXone's list of webhooks holds no list"));
        List<JsonNode> webhooks = new ArrayList<>();
        list.forEach(webhooks::add);
        return webhooks;
    }

    private boolean matches(JsonNode registered) {
        return json.valueToTree(wanted).properties().stream().allMatch(member ->
                member.getKey().equals("targetHeaders")
                        ? headersMatch(member.getValue(), ignoringCase(registered.path("targetHeaders")))
                        : matches(member.getValue(), registered.get(member.getKey())));
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

    /** CXone took a registration, with our secret in it. */
    public void secretSent() {
        secretSent = true;
    }

    /** CXone has the webhook as it should be. */
    public void isWell() {
        if (!Boolean.TRUE.equals(well)) {
            LOG.info("CXone has the webhook as it should be name={}", NAME);
        }
        well = true;
    }

    /** CXone could not be asked or did not do as we asked; the next period tries again. */
    public void failed(@ExchangeException Exception reason) {
        well = false;
        LOG.warn("The webhook's registration could not be checked and is tried again later; events are taken all the"
                + " same reason={}", reason.getMessage());
    }

    /** Whether CXone was seen to have the webhook as it should be; null while that is not known. */
    public Boolean well() {
        return well;
    }
}

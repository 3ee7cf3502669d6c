package org.routingbridge.cxone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.cxone.RegistrationChange.Action;
import org.routingbridge.operations.BridgeMetrics;
import org.routingbridge.settings.SettingsForTests;

class WebhookRegistrationTest {

    private static final JsonMapper JSON = new JsonMapper();

    private final WebhookRegistration registration = new WebhookRegistration(SettingsForTests.with(), metrics());

    private static BridgeMetrics metrics() {
        BridgeMetrics metrics = new BridgeMetrics();
        metrics.setCamelContext(new DefaultCamelContext());
        return metrics;
    }

    /** What the bridge itself would register, as CXone gives it back. */
    private ObjectNode asItShouldBe() {
        ObjectNode webhook = JSON.valueToTree(registration.compare("[]").registration());
        return webhook.put("id", "w1").put("createdBy", "somebody");
    }

    private RegistrationChange compare(JsonNode... webhooks) {
        ArrayNode list = JSON.createArrayNode();
        list.addAll(java.util.List.of(webhooks));
        return registration.compare(list.toString());
    }

    private static ObjectNode headers(ObjectNode webhook) {
        return (ObjectNode) webhook.get("targetHeaders");
    }

    @Test
    void whereThereIsNoneOneIsCreatedAsTheContractHasIt() throws Exception {
        // When
        RegistrationChange change = registration.compare("[]");

        // Then
        assertThat(change.action()).isEqualTo(Action.CREATE);
        ObjectNode body = JSON.valueToTree(change.registration());
        assertThat(body.remove("description").asText()).isNotBlank();
        assertThat((JsonNode) body).isEqualTo(JSON.readTree("{\"name\":\"routing-event-bridge\",\"eventTypes\":["
                + "\"routing:queue:member:added\",\"routing:queue:member:removed\",\"routing:conversation:queued\"],"
                + "\"targetUrl\":\"https://bridge.example.com/webhook/routing-events\",\"targetHeaders\":{"
                + "\"Content-Type\":\"application/json\",\"X-Webhook-Secret\":\"" + SettingsForTests.SECRET + "\"},"
                + "\"format\":\"json\",\"retryPolicy\":{\"maxRetries\":5,\"retryIntervalMs\":1000}}"));
    }

    @Test
    void othersWebhooksAreNotOurs() {
        // When, Then
        assertThat(compare(asItShouldBe().put("name", "somebody-elses")).action()).isEqualTo(Action.CREATE);
    }

    @Test
    void asItShouldBeNothingIsDone() {
        // When, Then
        assertThat(compare(asItShouldBe()).action()).isEqualTo(Action.NOTHING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"webhooks", "entities", "items", "results", "data"})
    void theListMayBeInAnObject(String member) {
        // Given
        ObjectNode answer = JSON.createObjectNode().put("total", 1);
        answer.putArray(member).add(asItShouldBe());

        // When, Then
        assertThat(registration.compare(answer.toString()).action()).isEqualTo(Action.NOTHING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"webhooks\":{}}", "null", "7", "<html/>"})
    void whatIsNoListIsUnusable(String answer) {
        // When, Then
        assertThatThrownBy(() -> registration.compare(answer)).isInstanceOf(CxoneAnswerUnusable.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "targetUrl   | \"https://elsewhere.example.com\"",
        "format      | \"xml\"",
        "description | \"changed by hand\"",
        "eventTypes  | [\"routing:queue:member:added\"]",
        "retryPolicy | {\"maxRetries\":4,\"retryIntervalMs\":1000}"})
    void whatDiffersIsUpdated(String member, String value) throws Exception {
        // Given
        ObjectNode webhook = asItShouldBe();
        webhook.set(member, JSON.readTree(value));

        // When
        RegistrationChange change = compare(webhook);

        // Then
        assertThat(change.action()).isEqualTo(Action.UPDATE);
        assertThat(change.id()).isEqualTo("w1");
        assertThat((Object) change.registration()).isEqualTo(registration.compare("[]").registration());
    }

    @Test
    void anotherSecretIsUpdated() {
        // Given
        ObjectNode webhook = asItShouldBe();
        headers(webhook).put("X-Webhook-Secret", "the-secret-of-last-year");

        // When, Then
        assertThat(compare(webhook).action()).isEqualTo(Action.UPDATE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"targetUrl", "format", "description", "eventTypes", "retryPolicy"})
    void whatComesBackAbsentIsNotCompared(String member) {
        // Given
        ObjectNode webhook = asItShouldBe();
        webhook.remove(member);

        // When, Then
        assertThat(compare(webhook).action()).isEqualTo(Action.NOTHING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "********"})
    void aMaskedSecretIsSentOncePerProcess(String mask) {
        // Given
        ObjectNode webhook = asItShouldBe();
        headers(webhook).put("X-Webhook-Secret", mask);

        // When
        Action before = compare(webhook).action();
        registration.secretSent();
        Action after = compare(webhook).action();

        // Then
        assertThat(before).isEqualTo(Action.UPDATE);
        assertThat(after).isEqualTo(Action.NOTHING);
    }

    @Test
    void absentHeadersHaveOurSecretSentOncePerProcessToo() {
        // Given
        ObjectNode webhook = asItShouldBe();
        webhook.remove("targetHeaders");

        // When
        Action before = compare(webhook).action();
        registration.secretSent();
        Action after = compare(webhook).action();

        // Then
        assertThat(before).isEqualTo(Action.UPDATE);
        assertThat(after).isEqualTo(Action.NOTHING);
    }

    @Test
    void partlyMaskedIsNotMasked() {
        // Given
        ObjectNode webhook = asItShouldBe();
        headers(webhook).put("X-Webhook-Secret", "****last");
        registration.secretSent();

        // When, Then
        assertThat(compare(webhook).action()).isEqualTo(Action.UPDATE);
    }

    @Test
    void theOrderOfEventTypesAndTheCaseOfHeadersDoNotMatter() throws Exception {
        // Given
        ObjectNode webhook = asItShouldBe();
        webhook.set("eventTypes", JSON.readTree("[\"routing:conversation:queued\",\"routing:queue:member:added\","
                + "\"routing:queue:member:removed\"]"));
        webhook.set("targetHeaders", JSON.createObjectNode().put("content-type", "application/json")
                .put("x-webhook-secret", SettingsForTests.SECRET));

        // When, Then
        assertThat(compare(webhook).action()).isEqualTo(Action.NOTHING);
    }

    @Test
    void anIdMayBeCalledWebhookId() {
        // Given
        ObjectNode webhook = asItShouldBe().put("webhookId", "a/b c").put("format", "xml");
        webhook.remove("id");

        // When
        RegistrationChange change = compare(webhook);

        // Then
        assertThat(change.id()).isEqualTo("a/b c");
        assertThat(change.path()).isEqualTo("/a%2Fb%20c");
    }

    @Test
    void aWebhookWithoutAnIdIsUnusable() {
        // Given
        ObjectNode webhook = asItShouldBe().put("format", "xml");
        webhook.remove("id");

        // When, Then
        assertThatThrownBy(() -> compare(webhook)).isInstanceOf(CxoneAnswerUnusable.class);
    }

    @Test
    void noneIsMadeWhereThereAreTwo() {
        // When, Then
        assertThat(compare(asItShouldBe(), asItShouldBe().put("id", "w2")).action()).isEqualTo(Action.NOTHING);
    }

    @Test
    void wellnessIsUnknownThenKnown() {
        // When, Then
        assertThat(registration.well()).isNull();
        registration.isWell();
        assertThat(registration.well()).isTrue();
        registration.failed(new CxoneAnswerUnusable("x"));
        assertThat(registration.well()).isFalse();
    }

    @Test
    void theChangesTextDoesNotShowTheSecret() {
        // When, Then
        assertThat(registration.compare("[]").toString()).isEqualTo("RegistrationChange[CREATE]");
    }
}

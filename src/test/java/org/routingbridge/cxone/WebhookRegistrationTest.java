package org.routingbridge.cxone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.cxone.RegistrationChange.Action;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.SettingsForTests;

class WebhookRegistrationTest {

    private static final JsonMapper JSON = new JsonMapper();

    private final WebhookRegistration registration = new WebhookRegistration(SettingsForTests.with(),
            new BridgeMetrics());

    /** What the bridge itself would register, as CXone gives it back. */
    private ObjectNode asItShouldBe() {
        ObjectNode webhook = JSON.valueToTree(compare("[]").registration());
        return webhook.put("id", "w1").put("createdBy", "somebody");
    }

    private RegistrationChange compare(JsonNode... webhooks) {
        ArrayNode list = JSON.createArrayNode();
        list.addAll(java.util.List.of(webhooks));
        return compare(list.toString());
    }

    private RegistrationChange compare(String page) {
        WebhookListing listing = registration.newListing();
        registration.addPage(listing, 200, null, page);
        return registration.compare(listing);
    }

    private static ObjectNode headers(ObjectNode webhook) {
        return (ObjectNode) webhook.get("targetHeaders");
    }

    @Test
    void whereThereIsNoneOneIsCreatedAsTheContractHasIt() throws Exception {
        // When
        RegistrationChange change = compare("[]");

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
        assertThat(compare(answer.toString()).action()).isEqualTo(Action.NOTHING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"webhooks\":{}}", "null", "7", "<html/>", "{\"message\":\"x\"}",
        "{\"webhooks\":{},\"items\":null}"})
    void whatIsNoListIsUnusable(String answer) {
        // When, Then
        assertThatThrownBy(() -> compare(answer)).isInstanceOf(CxoneAnswerUnusable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"webhooks\":null}", "{\"entities\":null,\"total\":0}", "{\"items\":[]}"})
    void anEmptyListMayBeWrittenInSeveralWays(String answer) {
        // When, Then
        assertThat(compare(answer).action()).isEqualTo(Action.CREATE);
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
        Object wanted = compare("[]").registration();

        // When
        RegistrationChange change = compare(webhook);

        // Then
        assertThat(change.action()).isEqualTo(Action.UPDATE);
        assertThat(change.id()).isEqualTo("w1");
        assertThat((Object) change.registration()).isEqualTo(wanted);
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
        registration.taken("{}", null);
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
        registration.taken("{}", null);
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
        registration.taken("{}", null);

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
        registration.looked();
        assertThat(registration.well()).isTrue();
        registration.failed(new CxoneAnswerUnusable("x"));
        assertThat(registration.well()).isFalse();
    }

    @Test
    void itsStateIsToldInWordsWithTheReasonAndWithoutTheAddress() {
        // When, Then
        assertThat(registration.state()).isEqualTo("not tried yet");
        registration.looked();
        assertThat(registration.state()).isEqualTo("ok");
        registration.failed(new HttpOperationFailedException("https://u:pw@api.example.com/secret?sig=s", 404, null,
                null, null, null));
        assertThat(registration.state()).isEqualTo("failed: https://api.example.com answered with status 404");
        assertThat(new WebhookRegistration(SettingsForTests.with("bridge.registration.enabled", "false"),
                new BridgeMetrics())
                .state()).isEqualTo("off");
    }

    @Test
    void theChangesTextDoesNotShowTheSecret() {
        // When, Then
        assertThat(compare("[]").toString()).isEqualTo("RegistrationChange[CREATE]");
    }

    @Test
    void anEmptyPageWithATokenForTheNextIsNotTheEnd() {
        // Given
        WebhookListing listing = registration.newListing();

        // When
        registration.addPage(listing, 200, null, "{\"webhooks\":[],\"nextPageToken\":\"t2\"}");

        // Then
        assertThat(listing.hasMore()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v2/webhooks/pages/2", "cursor-of-a-kind", "http://[bad"})
    void oursIsFoundThoughTheListGoesOnWhereItCannotBeFollowed(String next) {
        // Given
        ObjectNode answer = JSON.createObjectNode().put("next", next);
        answer.putArray("webhooks").add(asItShouldBe());

        // When, Then
        assertThat(compare(answer.toString()).action()).isEqualTo(Action.NOTHING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v2/webhooks/pages/2", "cursor-of-a-kind", "http://[bad"})
    void noneIsMadeWhereTheListGoesOnWhereItCannotBeFollowed(String next) {
        // Given
        ObjectNode answer = JSON.createObjectNode().put("next", next);
        answer.putArray("webhooks").add(asItShouldBe().put("name", "somebody-elses"));

        // When, Then
        assertThatThrownBy(() -> compare(answer.toString())).isInstanceOf(CxoneAnswerUnusable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"webhook\":{\"id\":\"w9\"}}", "{\"data\":{\"webhookId\":\"w9\"}}"})
    void whatWasMadeIsRememberedThoughItsIdIsInAnObject(String answer) {
        // Given
        assertThat(compare("[]").action()).isEqualTo(Action.CREATE);

        // When
        registration.taken(answer, null);

        // Then
        assertThat(compare("[]")).satisfies(change -> {
            assertThat(change.action()).isEqualTo(Action.LOOK);
            assertThat(change.id()).isEqualTo("w9");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v2/webhooks/w%2F9", "https://api.example.com/api/v2/webhooks/w%2F9?x=y"})
    void whatWasMadeIsRememberedThoughOnlyItsPlaceIsTold(String location) {
        // Given
        assertThat(compare("[]").action()).isEqualTo(Action.CREATE);

        // When
        registration.taken("", location);

        // Then
        assertThat(compare("[]").action()).isEqualTo(Action.LOOK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/api/v2/webhooks/", "http://[bad"})
    void aPlaceThatNamesNoWebhookIsNotRemembered(String location) {
        // When
        registration.taken("<html/>", location);

        // Then
        assertThat(compare("[]").action()).isEqualTo(Action.CREATE);
    }
}

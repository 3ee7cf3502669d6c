package org.routingbridge.webhook.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.routingbridge.webhook.registration.RegistrationForTests.OFTEN;
import static org.routingbridge.webhook.registration.RegistrationForTests.PUBLIC_URL;
import static org.routingbridge.webhook.registration.RegistrationForTests.awaitListings;
import static org.routingbridge.webhook.registration.RegistrationForTests.awaitRegistered;
import static org.routingbridge.webhook.registration.RegistrationForTests.newBridge;
import static org.routingbridge.webhook.registration.RegistrationForTests.wanted;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.CxoneSimulator;
import org.routingbridge.simulator.CxoneSimulator.ListingShape;
import org.routingbridge.simulator.ReceivedRequest;

/** CXone has our webhook as it should be, whatever happens to either side (contract, section 7). */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class KeepWebhookRegisteredRouteTest {

    private static final JsonMapper JSON = new JsonMapper();

    /** A bridge that looks once, at its start. */
    @Nested
    class LookingOnce {

        private final BridgeUnderTest bridge = newBridge("5m");
        private final CxoneSimulator cxone = bridge.cxone();

        @AfterEach
        void close() {
            bridge.close();
        }

        @Test
        void aWebhookIsCreatedWhereThereIsNone() throws Exception {
            // Given
            assertThat(cxone.webhooks()).isEmpty();

            // When
            bridge.start();

            // Then
            awaitRegistered(cxone);
            ObjectNode registered = cxone.webhooks().values().iterator().next();
            assertThat(registered.path("description").asText()).isNotBlank();
            assertThat(registered.without("description").toString())
                    .isEqualTo(wanted().without("description").toString());
            await().untilAsserted(() -> assertThat(bridge.metric("bridge_registration_ok")).isEqualTo(1));
            assertThat(bridge.metric("bridge_token_expiry_seconds")).isBetween(3500.0, 3600.0);
            assertThat(cxone.requests("POST", "/api/v2/webhooks").get(0).header("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
        }

        @Test
        void othersWebhooksAreLeftAlone() throws Exception {
            // Given
            String other = cxone.addWebhook(wanted().put("name", "somebody-elses"));

            // When
            bridge.start();

            // Then
            await().untilAsserted(() -> assertThat(cxone.webhooks()).hasSize(2));
            assertThat(cxone.webhooks().get(other).path("name").asText()).isEqualTo("somebody-elses");
            assertThat(cxone.webhookRequests("PUT")).isZero();
        }

        @Test
        void theTokenIsAskedForByClientCredentialsWithEveryCharacterEncoded() {
            // Given
            cxone.credentials("client&id=1+1", "p%40ss +&=?#/\"\\;'<>{}$\u00e9\u20ac\ud83d\ude00");
            bridge.with("bridge.cxone.client.id", cxone.clientId())
                    .with("bridge.cxone.client.secret", cxone.clientSecret());

            // When
            bridge.start();

            // Then
            awaitRegistered(cxone);
            assertThat(cxone.requests("POST", "/oauth2/token")).singleElement().satisfies(request -> {
                assertThat(request.header("Content-Type")).contains("application/x-www-form-urlencoded");
                assertThat(request.body()).contains("grant_type=client_credentials",
                        "scope=webhook%3Aread%3Awrite+routing%3Aread+api%3Aread");
            });
        }

        @Test
        void theTokenIsAskedForByAnAccessKeyWhereTheSettingSaysSo() throws Exception {
            // Given
            bridge.with("bridge.cxone.auth", "access-key");

            // When
            bridge.start();

            // Then
            awaitRegistered(cxone);
            ReceivedRequest request = cxone.requests("POST", "/oauth2/token").get(0);
            assertThat(request.header("Content-Type")).contains("application/json");
            assertThat(JSON.readTree(request.body())).isEqualTo(JSON.createObjectNode()
                    .put("accessKeyId", cxone.clientId()).put("accessKeySecret", cxone.clientSecret()));
        }

        @Test
        void theTokenUrlCanBeElsewhere() {
            // Given
            try (CxoneSimulator elsewhere = new CxoneSimulator()) {
                elsewhere.start();
                elsewhere.credentials(cxone.clientId(), cxone.clientSecret());
                bridge.with("bridge.cxone.token.url", elsewhere.endpoint() + "/oauth2/token");

                // When
                bridge.start();

                // Then
                await().untilAsserted(() -> assertThat(elsewhere.tokenRequests()).isPositive());
                assertThat(cxone.tokenRequests()).isZero();
            }
        }

        @Test
        void a401MeansOneRenewalAndOneMoreTry() {
            // Given
            cxone.webhookTrouble().next(1, 401);

            // When
            bridge.start();

            // Then
            awaitRegistered(cxone);
            assertThat(cxone.tokenRequests()).isEqualTo(2);
            assertThat(cxone.webhookRequests("GET")).isEqualTo(2);
            assertThat(cxone.webhookRequests("POST")).isEqualTo(1);
        }

        @Test
        void a401AtTheCreationMeansOneRenewalToo() {
            // Given
            bridge.start();
            awaitRegistered(cxone);
            cxone.removeWebhook(cxone.webhooks().keySet().iterator().next());
            bridge.stop();
            cxone.clearRequests();
            bridge.with("bridge.registration.period", OFTEN).start();
            awaitRegistered(cxone);
            awaitListings(cxone, 3);
            cxone.removeWebhook(cxone.webhooks().keySet().iterator().next());

            // When
            cxone.revokeTokens();

            // Then
            awaitRegistered(cxone);
            assertThat(cxone.tokenRequests()).isEqualTo(2);
        }

        @Test
        void a401ThatStaysIsLeftForTheNextPeriod() {
            // Given
            cxone.webhookTrouble().always(401);

            // When
            bridge.start();

            // Then
            awaitListings(cxone, 2);
            await().during(Duration.ofSeconds(2)).untilAsserted(() ->
                    assertThat(cxone.webhookRequests("GET")).isEqualTo(2));
            assertThat(cxone.tokenRequests()).isEqualTo(2);
            assertThat(bridge.metric("bridge_registration_ok")).isZero();
            assertThat(bridge.readiness().status()).isEqualTo(200);
        }

        @Test
        void aWrongClientSecretNeverStopsTheWebhook() {
            // Given
            bridge.with("bridge.cxone.client.secret", "wrong");
            bridge.start();
            await().untilAsserted(() -> assertThat(cxone.tokenRequests()).isPositive());

            // When
            Reply reply = bridge.post(bridge.newEvent());

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(cxone.webhookRequests("GET")).isZero();
        }

        @Test
        void aConflictAtTheCreationCountsAsThere() {
            // Given
            cxone.conflictOnCreation(true);

            // When
            bridge.start();

            // Then
            await().untilAsserted(() -> assertThat(bridge.metric("bridge_registration_ok")).isEqualTo(1));
            assertThat(cxone.webhookRequests("POST")).isEqualTo(1);
        }

        @Test
        void aFailingCxoneIsAskedAgain() {
            // Given
            cxone.webhookTrouble().next(1, 503);

            // When
            bridge.start();

            // Then
            awaitRegistered(cxone);
            assertThat(cxone.webhookRequests("GET")).isEqualTo(2);
        }

        @Test
        void aHangingCxoneNeverStopsTheWebhook() {
            // Given
            cxone.tokenTrouble().alwaysHang();
            bridge.start();

            // When
            Reply reply = bridge.post(bridge.newEvent());

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(bridge.readiness().status()).isEqualTo(200);
        }

        @Test
        void aTokenThatComesAByteASecondIsGivenUpInTimeAndEventsAreTaken() {
            // Given
            cxone.dripTokens(true);
            bridge.withAdded("shorter-calls.camel.yaml", """
                    - beans:
                        - name: cxoneExchanges
                          type: org.routingbridge.http.BoundedExchanges
                          constructors:
                            0: 1048576
                            1: 4s
                    """).start();
            await().untilAsserted(() -> assertThat(cxone.tokenRequests()).isEqualTo(1));
            long begin = System.nanoTime();

            // When
            Reply reply = bridge.post(bridge.newEvent());

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(cxone.tokenRequests()).isEqualTo(2));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(3));
        }

        @Test
        void nothingIsAskedOfCxoneWhereRegistrationIsOff() {
            // Given
            bridge.with("bridge.registration.enabled", false).without("bridge.cxone.client.id")
                    .without("bridge.cxone.client.secret").without("bridge.public.url");

            // When
            bridge.start();

            // Then
            await().during(Duration.ofMillis(500)).untilAsserted(() -> assertThat(cxone.requests()).isEmpty());
            assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed");
        }

        @Test
        void aRestartMakesNoSecondWebhook() {
            // Given
            bridge.start();
            awaitRegistered(cxone);
            int listings = cxone.webhookRequests("GET");

            // When
            bridge.restart();

            // Then
            awaitListings(cxone, listings + 1);
            await().during(Duration.ofMillis(400)).untilAsserted(() -> assertThat(cxone.webhooks()).hasSize(1));
            assertThat(cxone.webhookRequests("POST")).isEqualTo(1);
            assertThat(cxone.webhookRequests("PUT")).isZero();
        }
    }

    /** A bridge that looks five times a second. */
    @Nested
    class LookingOften {

        private final BridgeUnderTest bridge = newBridge(OFTEN);
        private final CxoneSimulator cxone = bridge.cxone();

        @AfterEach
        void close() {
            bridge.close();
        }

        @Test
        void nothingIsDoneWhileTheWebhookIsAsItShouldBe() {
            // Given
            bridge.start();

            // When
            awaitListings(cxone, 5);

            // Then
            assertThat(cxone.webhookRequests("POST")).isEqualTo(1);
            assertThat(cxone.webhookRequests("PUT")).isZero();
        }

        @Test
        void oneTokenLastsForManyRequests() {
            // Given
            bridge.start();

            // When
            awaitListings(cxone, 5);

            // Then
            assertThat(cxone.tokenRequests()).isEqualTo(1);
        }

        @Test
        void aTokenIsRenewedAMinuteBeforeItExpires() {
            // Given
            cxone.tokenLife(Duration.ofSeconds(61));

            // When
            bridge.start();

            // Then
            await().untilAsserted(() -> assertThat(cxone.tokenRequests()).isGreaterThanOrEqualTo(2));
            assertThat(cxone.webhookRequests("GET")).isGreaterThan(cxone.tokenRequests());
            assertThat(cxone.requests().stream().filter(request -> request.path().startsWith("/api")))
                    .allSatisfy(request -> assertThat(request.header("Authorization")).isPresent());
        }

        @Test
        void aMaskedSecretIsSentOncePerProcess() throws Exception {
            // Given
            cxone.addWebhook(wanted());
            cxone.maskSecrets(true);

            // When
            bridge.start();

            // Then
            await().untilAsserted(() -> assertThat(cxone.webhookRequests("PUT")).isEqualTo(1));
            awaitListings(cxone, 5);
            assertThat(cxone.webhookRequests("PUT")).isEqualTo(1);
            assertThat(cxone.webhookRequests("POST")).isZero();
        }

        @Test
        void aSecretThatWasSentAtTheCreationIsNotSentAgainForBeingMasked() {
            // Given
            cxone.maskSecrets(true);

            // When
            bridge.start();

            // Then
            awaitListings(cxone, 5);
            assertThat(cxone.webhookRequests("POST")).isEqualTo(1);
            assertThat(cxone.webhookRequests("PUT")).isZero();
        }

        @Test
        void membersThatAreNotShownAreNotCompared() throws Exception {
            // Given
            cxone.addWebhook(wanted());
            cxone.omitMembers("retryPolicy", "description", "format", "eventTypes");

            // When
            bridge.start();

            // Then
            awaitListings(cxone, 4);
            assertThat(cxone.webhookRequests("PUT")).isZero();
            assertThat(cxone.webhookRequests("POST")).isZero();
        }

        @Test
        void cxoneBeingAwayNeverStopsTheWebhookAndIsMadeUpFor() {
            // Given
            cxone.goAway();
            bridge.start();
            List<String> outcomes = new ArrayList<>();
            outcomes.add(bridge.post(bridge.newEvent()).outcome());

            // When
            cxone.comeBack();

            // Then
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(cxone.webhooks()).hasSize(1));
            assertThat(outcomes).containsExactly("200 processed");
        }

        @Test
        void anAnswerThatIsNoListIsNotActedUpon() {
            // Given
            cxone.webhookTrouble().always(200);

            // When
            bridge.start();

            // Then
            awaitListings(cxone, 1);
            await().during(Duration.ofMillis(600)).untilAsserted(() ->
                    assertThat(cxone.webhookRequests("POST")).isZero());
            assertThat(bridge.metric("bridge_registration_ok")).isZero();
        }
    }

    /** A webhook that somebody changed behind the bridge's back, in listings of every shape. */
    @Nested
    class Changed {

        private static BridgeUnderTest bridge;
        private static CxoneSimulator cxone;

        @BeforeAll
        static void start() {
            bridge = newBridge(OFTEN);
            cxone = bridge.cxone();
            bridge.start();
            awaitRegistered(cxone);
        }

        @AfterAll
        static void close() {
            bridge.close();
        }

        @BeforeEach
        void plainListing() {
            cxone.listingShape(ListingShape.ARRAY);
            cxone.idMember("id");
        }

        private static Stream<Arguments> listings() {
            return Stream.of(ListingShape.values()).flatMap(shape ->
                    Stream.of(Arguments.of(shape, "id"), Arguments.of(shape, "webhookId")));
        }

        @ParameterizedTest
        @MethodSource("listings")
        void itIsFoundAndMendedInAListingOfAnyShape(ListingShape shape, String idMember) throws Exception {
            // Given
            String id = cxone.webhooks().keySet().iterator().next();
            cxone.listingShape(shape);
            cxone.idMember(idMember);
            cxone.clearRequests();

            // When
            cxone.changeWebhook(id, wanted().put("targetUrl", "https://elsewhere.example.com"));

            // Then
            await().untilAsserted(() ->
                    assertThat(cxone.webhooks().get(id).path("targetUrl").asText()).isEqualTo(PUBLIC_URL));
            assertThat(cxone.webhooks()).hasSize(1);
            assertThat(cxone.requests("PUT", "/api/v2/webhooks")).singleElement()
                    .satisfies(request -> assertThat(request.path()).isEqualTo("/api/v2/webhooks/" + id));
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {"description|\"other\"", "eventTypes|[\"routing:queue:member:added\"]",
            "eventTypes|[]", "format|\"xml\"", "targetUrl|\"\"",
            "retryPolicy|{\"maxRetries\":4,\"retryIntervalMs\":1000}",
            "retryPolicy|{\"maxRetries\":5,\"retryIntervalMs\":999}",
            "targetHeaders|{\"Content-Type\":\"application/json\",\"X-Webhook-Secret\":\"an old one\"}",
            "targetHeaders|{\"Content-Type\":\"text/plain\",\"X-Webhook-Secret\":\"" + BridgeUnderTest.SECRET + "\"}"})
        void everyMemberIsMended(String member, String value) throws Exception {
            // Given
            String id = cxone.webhooks().keySet().iterator().next();
            JsonNode other = JSON.readTree(value);
            cxone.clearRequests();

            // When
            cxone.changeWebhook(id, wanted().set(member, other));

            // Then
            await().untilAsserted(() -> assertThat(cxone.webhookRequests("PUT")).isEqualTo(1));
            await().untilAsserted(() -> assertThat(cxone.webhooks().get(id).path(member)).isNotEqualTo(other));
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "eventTypes|[\"routing:conversation:queued\",\"routing:queue:member:removed\","
                    + "\"routing:queue:member:added\"]",
            "createdBy|\"an admin\"",
            "targetHeaders|{\"content-type\":\"application/json\",\"x-webhook-secret\":\""
                    + BridgeUnderTest.SECRET + "\"}",
            "targetHeaders|{\"Content-Type\":\"application/json\",\"X-Webhook-Secret\":\"***\"}"})
        void whatMeansTheSameIsLeftAsItIs(String member, String value) throws Exception {
            // Given
            String id = cxone.webhooks().keySet().iterator().next();
            cxone.changeWebhook(id, wanted().set(member, JSON.readTree(value)));
            cxone.clearRequests();

            // When
            awaitListings(cxone, 3);

            // Then
            assertThat(cxone.webhookRequests("PUT")).isZero();
            assertThat(Map.copyOf(cxone.webhooks())).containsKey(id);
            cxone.changeWebhook(id, wanted());
        }

        @Test
        void itIsMadeAgainWhereSomebodyDeletedIt() {
            // Given
            String id = cxone.webhooks().keySet().iterator().next();

            // When
            cxone.removeWebhook(id);

            // Then
            await().untilAsserted(() -> assertThat(cxone.webhooks()).hasSize(1).doesNotContainKey(id));
        }
    }
}

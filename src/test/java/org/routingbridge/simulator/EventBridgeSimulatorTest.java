package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.routingbridge.OwnThread;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResultEntry;
import software.amazon.awssdk.services.eventbridge.model.ResourceNotFoundException;

class EventBridgeSimulatorTest {

    private static final Instant TIME = Instant.parse("2026-05-04T12:00:00.123Z");

    private final EventBridgeSimulator simulator = new EventBridgeSimulator();
    private EventBridgeClient client;

    @BeforeEach
    void start() {
        simulator.start();
        simulator.createBus("bus");
        client = client("sandbox", "sandbox-secret");
    }

    @AfterEach
    void stop() {
        client.close();
        simulator.close();
    }

    @Test
    void anEntryReachesItsBusByteForByte() {
        // Given
        String detail = "{ \"id\":\"e1\", \"text\":\"\u00e4\u65e5\ud83d\ude00 \\ud800\", \"n\":1.50}";

        // When
        PutEventsResponse response = put(entry("e1").toBuilder().detail(detail).resources("arn:x").build());

        // Then
        assertThat(response.failedEntryCount()).isZero();
        assertThat(simulator.delivered()).singleElement().satisfies(delivered -> {
            assertThat(delivered.bus()).isEqualTo("bus");
            assertThat(delivered.source()).isEqualTo("source");
            assertThat(delivered.detailType()).isEqualTo("type");
            assertThat(delivered.time()).isEqualTo(TIME);
            assertThat(delivered.detail()).isEqualTo(detail);
            assertThat(delivered.resources()).containsExactly("arn:x");
            assertThat(delivered.eventId()).isEqualTo(response.entries().get(0).eventId());
            assertThat(delivered.callNumber()).isOne();
        });
        assertThat(simulator.timesDelivered("e1")).isOne();
    }

    @Test
    void aCallIsRecordedWithItsEventsAndItsSizeByTheFormulaOfAws() {
        // When
        put(entry("e1"), entry("e2").toBuilder().resources("arn:\u00e4").build());

        // Then
        int detail = "{\"id\":\"e1\"}".length();
        assertThat(simulator.calls()).singleElement().satisfies(call -> {
            assertThat(call.eventIds()).containsExactly("e1", "e2");
            assertThat(call.entries()).isEqualTo(2);
            assertThat(call.bytes()).isEqualTo(2L * (14 + "source".length() + "type".length() + detail) + 6);
            assertThat(call.parsed()).isTrue();
        });
    }

    @Test
    void aBusIsKnownByItsArnToo() {
        // When
        put(entry("e1").toBuilder().eventBusName("arn:aws:events:eu-central-1:1:event-bus/bus").build());

        // Then
        assertThat(simulator.delivered()).extracting(DeliveredEntry::bus).containsExactly("bus");
    }

    @Test
    void aBusThatDoesNotExistTakesEntriesAndLosesThem() {
        // Given
        simulator.deleteBus("bus");

        // When
        PutEventsResponse response = put(entry("e1"));

        // Then
        assertThat(response.failedEntryCount()).isZero();
        assertThat(response.entries().get(0).eventId()).isNotBlank();
        assertThat(simulator.delivered()).isEmpty();
    }

    @Test
    void aBusIsDescribedWhileItExists() {
        // Given
        String arn = client.describeEventBus(request -> request.name("bus")).arn();
        simulator.deleteBus("bus");

        // When, Then
        assertThat(arn).endsWith(":event-bus/bus");
        assertThatThrownBy(() -> client.describeEventBus(request -> request.name("bus")))
                .isInstanceOf(ResourceNotFoundException.class);
        assertThat(simulator.describeCalls()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"0", "11"})
    void aRequestNeedsOneToTenEntries(int count) {
        // Given
        PutEventsRequestEntry[] entries = Collections.nCopies(count, entry("e1")).toArray(PutEventsRequestEntry[]::new);

        // When, Then
        assertRefused(() -> put(entries), 400, "ValidationException");
        assertThat(simulator.delivered()).isEmpty();
    }

    @Test
    void aRequestOverTheSizeLimitIsRefusedAndOneAtTheLimitIsNot() {
        // Given
        long size = 14L + "source".length() + "type".length() + "{\"id\":\"e1\"}".length();

        // When
        simulator.maxRequestBytes(size);
        put(entry("e1"));
        simulator.maxRequestBytes(size - 1);

        // Then
        assertRefused(() -> put(entry("e1")), 400, "ValidationException");
    }

    @Test
    void eachEntryIsCheckedByItself() {
        // Given
        PutEventsRequestEntry good = entry("e1");

        // When
        PutEventsResponse response = put(good,
                good.toBuilder().detail("[1]").build(),
                good.toBuilder().detail("{\"id\":1} more").build(),
                good.toBuilder().source(null).build(),
                good.toBuilder().source("s".repeat(257)).build(),
                good.toBuilder().detailType(null).build(),
                good.toBuilder().detailType("t".repeat(129)).build(),
                good.toBuilder().detail(null).build());

        // Then
        assertThat(response.failedEntryCount()).isEqualTo(7);
        assertThat(response.entries()).extracting(PutEventsResultEntry::errorCode).containsExactly(null,
                "MalformedDetail", "MalformedDetail", "InvalidArgument", "InvalidArgument", "InvalidArgument",
                "InvalidArgument", "InvalidArgument");
        assertThat(simulator.deliveredCount()).isOne();
    }

    @ParameterizedTest
    @CsvSource({"sandbox, wrong, InvalidSignatureException", "stranger, sandbox-secret, UnrecognizedClientException"})
    void aWrongKeyIsRefused(String keyId, String secret, String code) {
        try (EventBridgeClient stranger = client(keyId, secret)) {
            // When, Then
            assertRefused(() -> stranger.putEvents(request -> request.entries(entry("e1"))), 403, code);
            assertRefused(() -> stranger.describeEventBus(request -> request.name("bus")), 403, code);
        }
        assertThat(simulator.delivered()).isEmpty();
    }

    @Test
    void aRequestWithoutSignatureIsRefusedUnlessChecksAreOff() throws Exception {
        // Given
        HttpRequest unsigned = HttpRequest.newBuilder(simulator.endpoint())
                .header("X-Amz-Target", "AWSEvents.PutEvents")
                .POST(HttpRequest.BodyPublishers.ofString("{\"Entries\":[{\"EventBusName\":\"bus\",\"Source\":\"s\","
                        + "\"DetailType\":\"t\",\"Detail\":\"{}\"}]}")).build();

        // When
        HttpResponse<String> checked = send(unsigned);
        simulator.checkSignatures(false);
        HttpResponse<String> unchecked = send(unsigned);

        // Then
        assertThat(checked.statusCode()).isEqualTo(403);
        assertThat(checked.body()).contains("MissingAuthenticationTokenException");
        assertThat(unchecked.statusCode()).isEqualTo(200);
        assertThat(simulator.deliveredCount()).isOne();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = ".*_ENTRY")
    void aFaultOfAnEntryLeavesItsNeighboursAlone(Fault fault) {
        // Given
        simulator.faults().next(fault);

        // When
        PutEventsResponse first = put(entry("e1"), entry("e2"));
        PutEventsResponse second = put(entry("e1"));

        // Then
        assertThat(first.failedEntryCount()).isOne();
        assertThat(first.entries().get(0).errorCode()).isEqualTo(fault.code());
        assertThat(second.failedEntryCount()).isZero();
        assertThat(simulator.timesDelivered()).isEqualTo(Map.of("e1", 1, "e2", 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"THROTTLE_REQUEST", "REFUSE_REQUEST", "TOO_LARGE_REQUEST", "SERVER_ERROR", "UNAVAILABLE",
            "ACCESS_DENIED", "EXPIRED_TOKEN", "INVALID_SIGNATURE"})
    void aFaultOfARequestStrikesAsOftenAsItWasAskedFor(Fault fault) {
        // Given
        simulator.faults().next(2, fault);

        // When, Then
        assertRefused(() -> put(entry("e1")), fault.status(), fault.code());
        assertRefused(() -> put(entry("e1")), fault.status(), fault.code());
        assertThat(put(entry("e1")).failedEntryCount()).isZero();
        assertThat(simulator.calls()).extracting(PutCall::fault).containsExactly(fault, fault, null);
        assertThat(simulator.deliveredCount()).isOne();
    }

    @Test
    void aResetBeforeTakingDeliversNothingAndOneAfterwardsDelivers() {
        // Given
        simulator.faults().next(Fault.RESET_BEFORE).next(Fault.RESET_AFTER);

        // When, Then
        assertThatThrownBy(() -> put(entry("before"))).isInstanceOf(SdkClientException.class);
        assertThatThrownBy(() -> put(entry("after"))).isInstanceOf(SdkClientException.class);
        assertThat(simulator.timesDelivered()).isEqualTo(Map.of("after", 1));
    }

    @Test
    void aStandingFaultStrikesEveryEntryUntilItIsLifted() {
        // Given
        simulator.faults().always(Fault.THROTTLE_ENTRY);

        // When
        PutEventsResponse struck = put(entry("e1"), entry("e2"));
        simulator.faults().none();
        PutEventsResponse spared = put(entry("e1"), entry("e2"));

        // Then
        assertThat(struck.failedEntryCount()).isEqualTo(2);
        assertThat(spared.failedEntryCount()).isZero();
    }

    @Test
    void aFaultFollowsItsEventIntoAnyCall() {
        // Given
        simulator.faults().forEventId("e2", 1, Fault.REFUSE_ENTRY).forEventId("e3", 1, Fault.REFUSE_REQUEST);

        // When
        PutEventsResponse response = put(entry("e1"), entry("e2"));

        // Then
        assertThat(response.entries()).extracting(PutEventsResultEntry::errorCode)
                .containsExactly(null, Fault.REFUSE_ENTRY.code());
        assertRefused(() -> put(entry("e1"), entry("e3")), 400, "ValidationException");
        assertThat(put(entry("e2"), entry("e3")).failedEntryCount()).isZero();
    }

    @Test
    void randomFaultsAreTheSameForTheSameSeed() {
        // Given
        Map<Fault, Double> probabilities = Map.of(Fault.THROTTLE_ENTRY, 0.3, Fault.INTERNAL_FAILURE_ENTRY, 0.2);
        PutEventsRequestEntry[] ten = Collections.nCopies(10, entry("e1")).toArray(PutEventsRequestEntry[]::new);

        // When
        simulator.faults().random(7, probabilities);
        List<String> first = codes(put(ten));
        simulator.faults().random(7, probabilities);
        List<String> second = codes(put(ten));

        // Then
        assertThat(first).isEqualTo(second).contains("ThrottlingException").containsNull();
    }

    @Test
    void aHangingCallGoesOnWhenReleased() {
        // Given
        simulator.faults().next(Fault.HANG);

        // When
        CompletableFuture<PutEventsResponse> hanging = OwnThread.supply(() -> put(entry("e1")));
        await().until(() -> simulator.hanging() == 1);
        int deliveredWhileHanging = simulator.deliveredCount();
        simulator.releaseHanging();

        // Then
        assertThat(hanging.join().failedEntryCount()).isZero();
        assertThat(deliveredWhileHanging).isZero();
        assertThat(simulator.deliveredCount()).isOne();
        assertThat(simulator.hanging()).isZero();
    }

    @Test
    void callsAtOneTimeAreCounted() {
        // Given
        simulator.faults().next(3, Fault.HANG);

        // When
        List<CompletableFuture<PutEventsResponse>> hanging = List.of(
                OwnThread.supply(() -> put(entry("e1"))),
                OwnThread.supply(() -> put(entry("e2"))),
                OwnThread.supply(() -> put(entry("e3"))));
        await().until(() -> simulator.hanging() == 3);
        simulator.releaseHanging();
        hanging.forEach(CompletableFuture::join);
        put(entry("e4"));

        // Then
        assertThat(simulator.maxConcurrentCalls()).isEqualTo(3);
    }

    @Test
    void anAnswerWaitsForTheLatency() {
        // Given
        simulator.latency(Duration.ofMillis(200));

        // When
        long start = System.nanoTime();
        put(entry("e1"));

        // Then
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void itGoesAwayAndComesBackWhereItWas() {
        // Given
        put(entry("e1"));
        URI endpoint = simulator.endpoint();

        // When
        simulator.goAway();
        assertThatThrownBy(() -> put(entry("e2"))).isInstanceOf(SdkClientException.class);
        simulator.comeBack();
        put(entry("e3"));

        // Then
        assertThat(simulator.endpoint()).isEqualTo(endpoint);
        assertThat(simulator.timesDelivered()).containsOnlyKeys("e1", "e3");
    }

    @Test
    void describingHasFaultsOfItsOwn() {
        // Given
        simulator.describeFaults().next(Fault.ACCESS_DENIED);

        // When, Then
        assertThat(put(entry("e1")).failedEntryCount()).isZero();
        assertRefused(() -> client.describeEventBus(request -> request.name("bus")), 400, "AccessDeniedException");
    }

    private PutEventsResponse put(PutEventsRequestEntry... entries) {
        return client.putEvents(request -> request.entries(entries));
    }

    private static PutEventsRequestEntry entry(String id) {
        return PutEventsRequestEntry.builder().eventBusName("bus").source("source").detailType("type").time(TIME)
                .detail("{\"id\":\"" + id + "\"}").build();
    }

    private static List<String> codes(PutEventsResponse response) {
        return response.entries().stream().map(PutEventsResultEntry::errorCode).toList();
    }

    private static void assertRefused(Runnable call, int status, String code) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(EventBridgeException.class, e -> {
            assertThat(e.statusCode()).isEqualTo(status);
            assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code);
        });
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private EventBridgeClient client(String keyId, String secret) {
        return EventBridgeClient.builder()
                .region(Region.EU_CENTRAL_1)
                .endpointOverride(simulator.endpoint())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(keyId, secret)))
                .overrideConfiguration(configuration -> configuration
                        .retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build();
    }
}

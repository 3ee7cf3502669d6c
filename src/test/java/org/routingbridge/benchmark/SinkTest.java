package org.routingbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.eventbridge.EntrySize;
import org.routingbridge.eventbridge.EventBridgeClients;
import org.routingbridge.settings.SettingsForTests;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResultEntry;

class SinkTest {

    /** Quotes, backslashes, what looks like an entry, and characters of every length in UTF-8. */
    private static final String ODD_DETAIL = "{\"Detail\":\"\\\"Detail\\\":\",\"a\":\"\\\\\\n \\u0001 ä € 😀\"}";

    private static Sink sink;
    private static EventBridgeClient client;
    private Sink.Counts before;

    @BeforeAll
    static void start() {
        sink = new Sink(0);
        System.setProperty("aws.accessKeyId", "benchmark");
        System.setProperty("aws.secretAccessKey", "benchmark");
        client = EventBridgeClients.create(SettingsForTests.with("bridge.eventbridge.endpoint", sink.url()));
    }

    @AfterAll
    static void stop() {
        client.close();
        sink.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @BeforeEach
    void count() {
        before = sink.counts();
    }

    @AfterEach
    void comeBack() {
        sink.busAway(false);
        sink.busLatency(0);
    }

    private Sink.Counts since() {
        return sink.counts().minus(before);
    }

    private static PutEventsRequestEntry entry(String detail) {
        return PutEventsRequestEntry.builder().eventBusName("bus").source("nice.cxone.routing")
                .detailType("routing:test").time(Instant.EPOCH).detail(detail).build();
    }

    private static PutEventsResponse put(int entries, String detail) {
        return client.putEvents(request -> request.entries(Collections.nCopies(entries, entry(detail))));
    }

    @Test
    void entriesAreCountedWhateverStandsInThem() {
        // When
        PutEventsResponse response = put(7, ODD_DETAIL);

        // Then
        assertThat(response.entries()).hasSize(7).extracting(PutEventsResultEntry::eventId).doesNotHaveDuplicates()
                .allMatch(id -> id.length() == 36);
        assertThat(response.failedEntryCount()).isZero();
        assertThat(since()).isEqualTo(new Sink.Counts(1, 7, 0, 0));
    }

    @Test
    void moreThanTenEntriesAreRefused() {
        // When, Then
        assertThatThrownBy(() -> put(11, "{}")).isInstanceOf(EventBridgeException.class);
        assertThat(since()).isEqualTo(new Sink.Counts(0, 0, 1, 0));
    }

    @Test
    void theLimitIsHeldToTheByte() {
        // Given
        int room = 262_144 - EntrySize.of("nice.cxone.routing", "routing:test", EntrySize.utf8Length(ODD_DETAIL));
        String largest = ODD_DETAIL.replace("€", "€" + "\"".repeat(room));

        // When, Then
        assertThat(put(1, largest).entries()).hasSize(1);
        assertThatThrownBy(() -> put(1, largest + " ")).isInstanceOf(EventBridgeException.class);
        assertThat(since()).isEqualTo(new Sink.Counts(1, 1, 1, 0));
    }

    @Test
    void aCallTakesAsLongAsItIsTold() {
        // Given
        sink.busLatency(150);
        long began = System.nanoTime();

        // When
        put(1, "{}");

        // Then
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(150_000_000);
    }

    @Test
    void whileItIsAwayNothingCounts() {
        // Given
        sink.busAway(true);

        // When, Then
        assertThatThrownBy(() -> put(3, "{}")).isInstanceOfSatisfying(EventBridgeException.class,
                answer -> assertThat(answer.statusCode()).isEqualTo(503));
        assertThat(since()).isEqualTo(new Sink.Counts(0, 0, 0, 0));
    }

    @Test
    void theBusIsThere() {
        // When, Then
        assertThat(client.describeEventBus(request -> request.name("benchmark")).arn()).contains("event-bus");
    }

    @Test
    void notificationsAreCountedWithALengthAndInChunks() throws Exception {
        // Given
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(sink.url() + Sink.DATA_LAKE));
        byte[] body = "{\"eventId\":\"1\"}".getBytes(StandardCharsets.UTF_8);

        // When
        for (HttpRequest.BodyPublisher publisher : List.of(BodyPublishers.ofByteArray(body),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))) {
            assertThat(http.send(request.POST(publisher).build(), BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
        }

        // Then
        assertThat(since()).isEqualTo(new Sink.Counts(0, 0, 0, 2));
    }
}

package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.store.FilledStore;

/**
 * A store in which much waits, and much is dead: the bridge starts as with an empty one, and lists it in the memory it
 * has. {@code -Dstore.rows} says how much is in each table; a million is what an hour's outage of everything leaves.
 */
class LargeStoreIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int ROWS = Integer.getInteger("store.rows", 60_000);
    /** What a start may take longer than one with an empty store, whatever the machine. */
    private static final Duration LONGER = Duration.ofSeconds(2);
    private static final int REJECTED = 344;
    private static final int REJECTED_BYTES = 290_000;

    private final BridgeSite site = new BridgeSite();
    private final EventFactory events = new EventFactory();

    @AfterEach
    void close() {
        site.close();
    }

    private Duration startUntilFirstAnswer() throws Exception {
        Instant began = Instant.now();
        BridgeJvm bridge = site.start();
        await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(20)).failFast(() ->
                assertThat(bridge.isAlive()).as(bridge::output).isTrue()).until(() -> {
            try {
                return site.post(BridgeSite.PATH, events.validEvent().json()).statusCode() / 100 == 2;
            } catch (IOException e) {
                return false;
            }
        });
        return Duration.between(began, Instant.now());
    }

    @Test
    void whateverWaitsTheWebhookAnswersAsSoonAsWithNothing() throws Exception {
        // Given
        site.bus().goAway();
        site.dataLake().trouble().always(503);
        startUntilFirstAnswer();
        site.stopAll();
        Duration empty = startUntilFirstAnswer();
        site.stopAll();
        try (FilledStore store = new FilledStore(site.path("data"))) {
            store.withWaiting(ROWS, number -> events.validEvent())
                    .withNotifications(ROWS, number -> events.validEvent())
                    .withDeadLetters(ROWS, number -> events.validEvent());
        }

        // When
        Duration large = startUntilFirstAnswer();
        HttpResponse<String> page = site.manage("/ops/dead-letters?limit=100&offset=" + ROWS / 2);
        Instant asked = Instant.now();
        HttpResponse<String> filtered = site.manage(
                "/ops/dead-letters?limit=100&reason=NotAuthorizedForSourceException");
        Duration listing = Duration.between(asked, Instant.now());
        JsonNode accounting = JSON.readTree(site.manage("/ops/accounting").body());

        // Then
        System.out.printf(Locale.ROOT, "store with %,d rows in each table: first 2xx after %d ms, %d ms with"
                + " none; a page of dead letters in %d ms%n", ROWS, large.toMillis(), empty.toMillis(),
                listing.toMillis());
        assertThat(large).isLessThan(empty.plus(LONGER));
        assertThat(JSON.readTree(page.body())).hasSize(100);
        assertThat(JSON.readTree(filtered.body())).hasSize(100);
        assertThat(accounting.at("/outbox/pending").asLong()).isGreaterThanOrEqualTo(ROWS);
        assertThat(accounting.path("balanced").asBoolean()).isTrue();
    }

    @Test
    void listingsOfLargeEventsAreStreamed() throws Exception {
        // Given
        String filling = "x".repeat(REJECTED_BYTES);
        try (FilledStore store = new FilledStore(site.path("data"))) {
            store.withRejected(REJECTED, number -> events.validEvent().with("/filling", filling));
        }
        site.start("-Xms64m", "-Xmx128m").awaitReady();

        // When
        List<CompletableFuture<Long>> lists = Stream.generate(() -> CompletableFuture.supplyAsync(this::rejectedBytes))
                .limit(3).toList();

        // Then
        assertThat(lists).allSatisfy(list -> assertThat(list.join()).isGreaterThan((long) REJECTED * REJECTED_BYTES));
        assertThat(site.post(BridgeSite.PATH, events.validEvent().json()).statusCode()).isEqualTo(200);
    }

    private long rejectedBytes() {
        try {
            HttpResponse<String> list = site.manage("/ops/rejected?limit=1000");
            assertThat(list.statusCode()).isEqualTo(200);
            assertThat(list.body()).startsWith("[{").endsWith("}]");
            return list.body().getBytes(StandardCharsets.UTF_8).length;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.routingbridge.OwnThread;
import org.routingbridge.endurance.Patient;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;
import org.routingbridge.store.FilledStore;

/**
 * A store in which much waits, and much is dead: the bridge starts as with an empty one, and lists it in the memory it
 * has. {@code -Dstore.rows} says how much is in each table; a million is what an hour's outage of everything leaves.
 * The short form still has more events waiting, and more dead, than the heap may grow by, and more rows than are read
 * at a time, each event made large by {@code -Dstore.row.filling} characters; that a start takes no longer with more
 * rows is seen by the clock in the long form alone.
 */
class LargeStoreIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int ROWS = Integer.getInteger("store.rows", 10_000);
    /** What each event has more than usual, so that the short form's few fill as much. */
    private static final String FILLING = "x".repeat(Integer.getInteger("store.row.filling", 4_000));
    /** What a start may take longer than one with an empty store, whatever the machine. */
    private static final Duration LONGER = Duration.ofSeconds(2);
    private static final int REJECTED = 344;
    private static final int REJECTED_BYTES = 290_000;

    private static final long ROOM = 16L * 1024 * 1024 * 1024;
    private static final long MEGA = 1024 * 1024;
    /** What it may hold more than at first: code and caches that the listing needs, and the rows that go next. */
    private static final long MORE_HEAP = 40;
    /** Of an id that counts as accepted from its replay on, in the cache. */
    private static final long ID_BYTES = 150;

    private final BridgeSite site = new BridgeSite().with("BRIDGE_OUTBOX_MAX_BYTES", ROOM);
    private final EventFactory events = new EventFactory();

    @AfterEach
    void close() {
        site.close();
    }

    private SampleEvent event() {
        return events.validEvent().with("/filling", FILLING);
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

    @Tag("under-load")
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
            store.withWaiting(ROWS, number -> event())
                    .withNotifications(ROWS, number -> event())
                    .withDeadLetters(ROWS, number -> event());
        }

        // When
        Duration large = startUntilFirstAnswer();
        HttpResponse<String> page = site.manage("/ops/dead-letters?limit=100&offset=" + ROWS / 2);
        HttpResponse<String> filtered = site.manage(
                "/ops/dead-letters?limit=100&reason=NotAuthorizedForSourceException");
        JsonNode accounting = JSON.readTree(site.manage("/ops/accounting").body());

        // Then
        System.out.printf(Locale.ROOT, "store with %,d rows in each table: first 2xx after %d ms, %d ms with"
                + " none%n", ROWS, large.toMillis(), empty.toMillis());
        assertThat(large).isLessThan(empty.plus(LONGER));
        assertThat(JSON.readTree(page.body())).hasSize(100);
        assertThat(JSON.readTree(filtered.body())).hasSize(100);
        assertThat(accounting.at("/outbox/pending").asLong()).isGreaterThanOrEqualTo(ROWS);
        assertThat(accounting.path("balanced").asBoolean()).isTrue();
    }

    /** Under the load of others, which go on as before; what it did is told while it lasts. */
    @Test
    void allDeadLettersAreReplayedBesideTheWebhook() throws Exception {
        // Given
        try (FilledStore store = new FilledStore(site.path("data"))) {
            store.withDeadLetters(ROWS, number -> event());
        }
        Patient bridge = new Patient(site);
        site.bus().goAway();
        long heapBefore = bridge.liveHeapBytes() / MEGA;
        List<Long> pages = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Instant asked = Instant.now();
            assertThat(JSON.readTree(site.manage("/ops/dead-letters?limit=100&offset=" + ROWS / 20 * i).body()))
                    .hasSize(100);
            pages.add(Duration.between(asked, Instant.now()).toMillis());
        }
        long heapListed = bridge.liveHeapBytes() / MEGA;

        // When
        Instant began = Instant.now();
        CompletableFuture<HttpResponse<String>> replay = site.operate("/ops/dead-letters/replay");
        List<Long> replies = new ArrayList<>();
        while (!replay.isDone() || replies.size() < 20) {
            Instant posted = Instant.now();
            assertThat(site.post(BridgeSite.PATH, events.validEvent().json()).statusCode()).isEqualTo(202);
            replies.add(Duration.between(posted, Instant.now()).toMillis());
        }
        Duration replaying = Duration.between(began, Instant.now());
        long heapReplayed = bridge.liveHeapBytes() / MEGA;

        // Then
        Collections.sort(pages);
        Collections.sort(replies);
        System.out.printf(Locale.ROOT, "%,d dead letters: pages of 100 in %d ms (median; slowest %d); replayed in"
                + " %.1f s beside %,d posts of one sender, p50 %d ms, p99 %d ms; heap %d MB at first, %d listed, %d"
                + " replayed%n", ROWS, pages.get(pages.size() / 2), pages.get(pages.size() - 1),
                replaying.toMillis() / 1e3, replies.size(), replies.get(replies.size() / 2),
                replies.get(replies.size() * 99 / 100), heapBefore, heapListed, heapReplayed);
        assertThat(replay.get().body()).isEqualTo("{\"replayed\":" + ROWS + "}");
        assertThat(JSON.readTree(site.manage("/ops/accounting").body()).at("/outbox/pending").asLong())
                .isEqualTo(ROWS + replies.size());
        assertThat(site.manage("/ops/dead-letters").body()).isEqualTo("[]");
        assertThat(replaying.toSeconds() <= 10 || bridge.output().contains("Dead letters are being replayed done="))
                .as("told while it lasts").isTrue();
        assertThat(heapListed - heapBefore).isLessThan(MORE_HEAP);
        assertThat(heapReplayed - heapBefore).isLessThan(MORE_HEAP + ROWS * ID_BYTES / MEGA);
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
        List<CompletableFuture<Long>> lists = Stream.generate(() -> OwnThread.supply(this::rejectedBytes))
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

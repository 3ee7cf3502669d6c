package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.event.OrderingKeys;
import org.routingbridge.store.Books.Entry;
import org.routingbridge.store.OutboxTable;
import org.routingbridge.store.SharedStoreForTests;
import org.routingbridge.store.SlotShare;
import org.routingbridge.store.Slots;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoredEvent;

/** What waits in one store is handed out by several bridges: by any of them, and a key by one at a time. */
class SharedLanesTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int KEYS = 100;

    private final SharedStoreForTests shared = new SharedStoreForTests();
    private final List<Drain> drains = new ArrayList<>();
    /** Which bridge has a row of a key under way. */
    private final Map<String, Drain> underWay = new ConcurrentHashMap<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Queue<StoredEvent> published = new ConcurrentLinkedQueue<>();

    /** A bridge that takes out what waits, as the outbox does. */
    private final class Drain implements SlotShare.Hands {

        private final SharedStoreForTests.Bridge bridge = shared.open();
        private final Store store = bridge.store();
        private final Lanes lanes = new Lanes(new StoreRows(store, Set.of()), System::nanoTime, store.clock()::millis,
                60_000);
        private final CompletableFuture<Void> end;
        private volatile boolean over;
        private final AtomicInteger count = new AtomicInteger();

        Drain() {
            drains.add(this);
            store.share().add(this);
            end = CompletableFuture.runAsync(this::run, command -> new Thread(command, "drain").start());
        }

        private void run() {
            while (!over) {
                lanes.arrived();
                List<StoredEvent> some = lanes.next(20);
                some.forEach(this::publish);
                if (some.isEmpty()) {
                    LockSupport.parkNanos(5_000_000);
                }
            }
        }

        private void publish(StoredEvent row) {
            Drain other = underWay.putIfAbsent(row.orderingKey(), this);
            if (other != null) {
                faults.add(row + " is under way at two bridges");
            }
            // now and then for longer than a slot needs to move
            int millis = ThreadLocalRandom.current().nextInt(40) == 0 ? 400 : ThreadLocalRandom.current().nextInt(5);
            CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)
                    .execute(() -> {
                        published.add(row);
                        count.incrementAndGet();
                        store.write(session -> {
                            OutboxTable.published(session, row);
                            return null;
                        }).settlement().handle((nothing, failure) -> {
                            underWay.remove(row.orderingKey(), this);
                            lanes.left(row);
                            return null;
                        });
                    });
        }

        @Override
        public boolean isUnderWay(int slot) {
            return lanes.isUnderWay(key -> Slots.of(key) == slot);
        }

        @Override
        public void changed() {
            lanes.restart();
        }

        void close() {
            over = true;
            assertThat(end).succeedsWithin(SOON);
            await().atMost(SOON).until(() -> !underWay.containsValue(this));
            bridge.close();
        }
    }

    @AfterEach
    void close() {
        drains.forEach(Drain::close);
    }

    private void fill(Store store, int from, int to) {
        store.write(session -> {
            for (int i = from; i < to; i++) {
                String id = "event-" + i;
                OutboxTable.insert(session, new StoredEvent(session.nextSeq(), id, OrderingKeys.of("queue-" + i % KEYS),
                        id.getBytes(StandardCharsets.UTF_8), "{}", 0, 0, 0, 0, 0, "[]", "", true));
            }
            return null;
        }).await();
    }

    private static int slots(Drain drain) {
        return Long.bitCount(drain.store.share().slots());
    }

    private void assertAllLeftInOrder(int events) {
        await().atMost(SOON).untilAsserted(() -> assertThat(published).hasSizeGreaterThanOrEqualTo(events));
        await().atMost(SOON).until(underWay::isEmpty);
        assertThat(faults).isEmpty();
        Map<String, List<Long>> ofKey = published.stream().collect(Collectors.groupingBy(StoredEvent::orderingKey,
                Collectors.mapping(StoredEvent::seq, Collectors.toList())));
        assertThat(ofKey.values()).allSatisfy(places -> assertThat(places).isSorted().doesNotHaveDuplicates());
        assertThat(published).hasSize(events);
    }

    @Test
    void slotsAreSharedOutAndMoveWhileNoKeyIsAtTwoBridges() {
        // Given
        Drain first = new Drain();
        await().atMost(SOON).until(() -> slots(first) == 64);
        fill(first.store, 0, 2000);

        // When
        Drain second = new Drain();
        Drain third = new Drain();
        for (int i = 0; i < 10; i++) {
            fill(drains.get(i % 3).store, 2000 + i * 100, 2100 + i * 100);
        }

        // Then
        await().atMost(SOON).untilAsserted(() -> assertThat(drains).extracting(SharedLanesTest::slots)
                .allSatisfy(slots -> assertThat(slots).isBetween(20, 22)));
        assertThat(drains.stream().mapToLong(drain -> drain.store.share().slots()).reduce(0, (a, b) -> a ^ b))
                .isEqualTo(-1);
        fill(third.store, 3000, 4000);
        assertAllLeftInOrder(4000);
        assertThat(second.count.get()).isPositive();
        assertThat(third.count.get()).isPositive();
        assertThat(first.store.balancedBooks().of(Entry.PUBLISHED)).isEqualTo(4000);
        assertThat(first.store.balancedBooks().of(Entry.OUTBOX_ROWS)).isZero();
    }

    @Test
    void whatWaitsForABridgeThatDiesIsTakenUpByTheOthersAndTheDeadOneHandsOutNothing() {
        // Given
        Drain first = new Drain();
        Drain second = new Drain();
        await().atMost(SOON).until(() -> slots(first) == 32 && slots(second) == 32);

        // When
        second.bridge.die();
        await().atMost(SOON).until(() -> !underWay.containsValue(second));
        int before = second.count.get();
        fill(first.store, 0, 1000);

        // Then
        assertAllLeftInOrder(1000);
        assertThat(second.count.get()).isEqualTo(before);
        assertThat(slots(first)).isEqualTo(64);
        assertThat(slots(second)).isZero();
        second.bridge.comeBack();
        await().atMost(SOON).until(() -> slots(first) == 32 && slots(second) == 32);
        fill(first.store, 1000, 2000);
        assertAllLeftInOrder(2000);
        assertThat(second.count.get()).isGreaterThan(before);
    }

    @Test
    void aBridgeThatEndsInOrderLeavesItsSlotsAtOnce() {
        // Given
        Drain first = new Drain();
        Drain second = new Drain();
        await().atMost(SOON).until(() -> slots(first) == 32 && slots(second) == 32);

        // When
        second.close();

        // Then
        await().atMost(SOON).until(() -> slots(first) == 64);
        fill(first.store, 0, 500);
        assertAllLeftInOrder(500);
    }

    @Test
    void theDatabaseReckonsSlotsAsTheBridgeDoes() {
        // Given
        Store store = new Drain().store;
        List<String> keys = IntStream.range(0, 200).mapToObj(i -> OrderingKeys.of("queue-" + i)).toList();
        drains.get(0).over = true;

        // When
        store.write(session -> {
            for (String key : keys) {
                OutboxTable.insert(session, new StoredEvent(session.nextSeq(), "id", key, new byte[1], "{}", 0, 0,
                        Long.MAX_VALUE, 0, 0, "[]", "", true));
            }
            return null;
        }).await();

        // Then
        List<Integer> reckoned = store.read(session -> session.list(row -> row.getInt(1),
                "select slot from outbox order by seq"));
        assertThat(reckoned).isEqualTo(keys.stream().map(Slots::of).toList());
        assertThat(Set.copyOf(reckoned)).hasSizeGreaterThan(40);
    }
}

package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.store.StoreUnavailable;
import org.routingbridge.store.StoredEvent;

/** Which events go next: each key's in order of arrival, one after the other, and none of a key that is not due. */
class LanesTest {

    private static final long LONGEST_PAUSE_MILLIS = 60_000;

    /** A table of events, and the lanes over it, by a clock that stands still unless it is moved. */
    private static final class Site implements Lanes.Rows {

        private final TreeMap<Long, StoredEvent> rows = new TreeMap<>();
        private final TreeMap<String, Long> due = new TreeMap<>();
        private final List<StoredEvent> underWay = new ArrayList<>();
        private final Lanes lanes = new Lanes(this, () -> TimeUnit.MILLISECONDS.toNanos(this.now), () -> this.now,
                LONGEST_PAUSE_MILLIS);
        private long now = 1_000_000;
        private long lastSeq;
        /** What can be read before the disk fails; none below zero. */
        private int readsUntilFailure = -1;

        void arrive(String key, long dueAt) {
            StoredEvent row = new StoredEvent(++lastSeq, "event-" + lastSeq, key, new byte[100], "{}", now, now, dueAt,
                    0, 0, "[]", "", true);
            rows.put(row.seq(), row);
            lanes.arrived();
        }

        void arrive(String key) {
            arrive(key, now);
        }

        List<StoredEvent> next(int most) {
            List<StoredEvent> next = lanes.next(most);
            assertThat(next).hasSizeLessThanOrEqualTo(most);
            for (StoredEvent row : next) {
                assertThat(underWay).extracting(StoredEvent::orderingKey).doesNotContain(row.orderingKey());
                assertThat(row.seq()).isEqualTo(firstOf(row.orderingKey()));
                assertThat(due.getOrDefault(row.orderingKey(), 0L)).isLessThanOrEqualTo(now);
                underWay.add(row);
            }
            return next;
        }

        private long firstOf(String key) {
            return rows.values().stream().filter(row -> row.orderingKey().equals(key)).findFirst().orElseThrow().seq();
        }

        void leave(StoredEvent row) {
            rows.remove(row.seq());
            underWay.remove(row);
            lanes.left(row);
        }

        void postpone(StoredEvent row, long millis) {
            due.put(row.orderingKey(), now + millis);
            underWay.remove(row);
            lanes.postponed(row, TimeUnit.MILLISECONDS.toNanos(millis));
        }

        /** Those that could go now: the first of each key that neither is under way nor waits. */
        long waiting() {
            return rows.values().stream().map(StoredEvent::orderingKey).distinct()
                    .filter(key -> due.getOrDefault(key, 0L) <= now)
                    .filter(key -> underWay.stream().noneMatch(row -> row.orderingKey().equals(key))).count();
        }

        List<Long> drain(int atATime) {
            List<Long> left = new ArrayList<>();
            while (!rows.isEmpty()) {
                List<StoredEvent> next = next(atATime);
                assertThat(next).as("%d rows wait and none comes", rows.size()).isNotEmpty();
                next.forEach(row -> left.add(row.seq()));
                List.copyOf(next).forEach(this::leave);
            }
            return left;
        }

        private <T> T read(T row) {
            if (readsUntilFailure == 0) {
                throw new StoreUnavailable("on purpose");
            }
            readsUntilFailure--;
            return row;
        }

        @Override
        public long after(long seq, Lanes.Visitor visitor) {
            for (StoredEvent row : List.copyOf(rows.tailMap(seq, false).values())) {
                if (!visitor.visit(read(row).seq(), row.orderingKey(), () -> read(row))) {
                    return 0;
                }
            }
            return rows.isEmpty() ? 0 : rows.lastKey();
        }

        @Override
        public List<StoredEvent> ofKey(String orderingKey, long fromSeq, long toSeq, int most) {
            read(orderingKey);
            return rows.subMap(fromSeq, true, Math.max(fromSeq, toSeq), true).values().stream()
                    .filter(row -> row.orderingKey().equals(orderingKey) && row.seq() <= toSeq).limit(most)
                    .collect(Collectors.toList());
        }
    }

    @Test
    void keysOfManyEventsLetEachOtherPass() {
        // Given
        Site site = new Site();
        for (int number = 0; number < 25; number++) {
            for (int key = 0; key < 8; key++) {
                site.arrive("queue-" + key);
            }
        }

        // When
        List<Long> left = site.drain(7);

        // Then
        assertThat(left).hasSize(200).doesNotHaveDuplicates();
    }

    @Test
    void whatIsReadyGoesInOrderOfArrival() {
        // Given
        Site site = new Site();
        for (int key = 0; key < 100; key++) {
            site.arrive("queue-" + key);
        }

        // When
        List<Long> left = site.drain(10);

        // Then
        assertThat(left).isSortedAccordingTo(Comparator.naturalOrder());
    }

    @Test
    void aKeyThatWaitsHoldsBackItsOwnAlone() {
        // Given
        Site site = new Site();
        site.arrive("failing");
        site.arrive("well");
        site.arrive("failing");
        site.postpone(site.next(1).get(0), 5_000);

        // When
        List<StoredEvent> meanwhile = site.next(10);
        Long untilDue = site.lanes.nanosUntilDue();
        site.now += 5_000;
        List<StoredEvent> afterwards = site.next(10);

        // Then
        assertThat(meanwhile).extracting(StoredEvent::orderingKey).containsExactly("well");
        assertThat(untilDue).isEqualTo(TimeUnit.SECONDS.toNanos(5));
        assertThat(afterwards).extracting(StoredEvent::seq).containsExactly(1L);
    }

    /** Its row was written by a process whose clock was ahead. */
    @Test
    void noRowWaitsLongerThanTheLongestPause() {
        // Given
        Site site = new Site();
        site.arrive("queue", site.now + TimeUnit.DAYS.toMillis(1));

        // When
        List<StoredEvent> atOnce = site.next(1);
        site.now += LONGEST_PAUSE_MILLIS;

        // Then
        assertThat(atOnce).isEmpty();
        assertThat(site.next(1)).hasSize(1);
    }

    /** Wherever in its work it hits: at the next rows, at one of them, at those of a key. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
    void whatCannotBeReadForAMomentStandsNoKeyAndLosesNoRow(int reads) {
        // Given
        Site site = new Site();
        for (int number = 0; number < 30; number++) {
            site.arrive("busy");
            site.arrive("queue-" + number);
        }
        site.readsUntilFailure = reads;
        List<Long> left = new ArrayList<>();

        // When
        int failures = 0;
        while (failures < 5) {
            List<StoredEvent> next;
            try {
                next = site.next(3);
            } catch (StoreUnavailable e) {
                failures++;
                continue;
            }
            if (next.isEmpty()) {
                break;
            }
            next.forEach(row -> left.add(row.seq()));
            next.forEach(site::leave);
        }
        site.readsUntilFailure = -1;
        left.addAll(site.drain(3));

        // Then
        assertThat(left).hasSize(60).doesNotHaveDuplicates();
    }

    @Test
    void moreRowsThanMemoryHoldsAllLeave() {
        // Given
        Site site = new Site();
        for (int number = 0; number < 3_000; number++) {
            site.arrive(number % 3 == 0 ? "busy" : "queue-" + number);
        }

        // When
        List<Long> left = site.drain(64);

        // Then
        assertThat(left).hasSize(3_000).doesNotHaveDuplicates();
    }

    /** One step in the life of an outbox; the number chooses among what there is. */
    private record Step(String kind, int number) {

        void take(Site site) {
            switch (kind) {
                case "arrive" -> site.arrive("queue-" + number % 6);
                case "next" -> {
                    long waiting = site.waiting();
                    int most = 1 + number % 12;
                    assertThat(site.next(most)).hasSize((int) Math.min(waiting, most));
                }
                case "leave" -> one(site).ifPresent(site::leave);
                case "postpone" -> one(site).ifPresent(row -> site.postpone(row, 1 + number));
                default -> site.now += number;
            }
        }

        private Optional<StoredEvent> one(Site site) {
            return site.underWay.isEmpty() ? Optional.empty()
                    : Optional.of(site.underWay.get(number % site.underWay.size()));
        }
    }

    @Provide
    Arbitrary<List<Step>> lives() {
        return Combinators.combine(Arbitraries.frequencyOf(
                        Tuple.of(5, Arbitraries.just("arrive")),
                        Tuple.of(3, Arbitraries.just("next")),
                        Tuple.of(3, Arbitraries.just("leave")),
                        Tuple.of(1, Arbitraries.just("postpone")),
                        Tuple.of(1, Arbitraries.just("wait"))), Arbitraries.integers().between(0, 999))
                .as(Step::new).list().ofMinSize(50).ofMaxSize(400);
    }

    @Property(tries = 300)
    void whateverHappensEachKeyGoesInOrderAndNothingStays(@ForAll("lives") List<Step> life) {
        Site site = new Site();
        life.forEach(step -> step.take(site));
        List.copyOf(site.underWay).forEach(site::leave);
        site.now += LONGEST_PAUSE_MILLIS;
        site.drain(5);
    }
}

package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.Driver;
import org.routingbridge.OwnThread;
import org.routingbridge.store.Books.Entry;

/** Several bridges on one PostgreSQL, whatever becomes of their connections and of the server. */
class PostgresStoreTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int CUTS = Integer.getInteger("store.connection.cuts", 40);

    private final List<Store> stores = new ArrayList<>();

    @AfterEach
    void close() {
        stores.forEach(Store::close);
    }

    private Store open(String url) {
        Store store = new Store(new PostgresAddress(url, null, null), new AloneForTests(UUID.randomUUID()),
                new SteadyClock());
        stores.add(store);
        store.start();
        return store;
    }

    private static Work<StoredEvent> insertion(String id, String key) {
        return session -> {
            StoredEvent event = new StoredEvent(session.nextSeq(), id, key, id.getBytes(StandardCharsets.UTF_8), "{}",
                    0, 0, 0, 0, 0, "[]", "", true);
            OutboxTable.insert(session, event);
            return event;
        };
    }

    private static List<String> ids(Store store) {
        return store.read(session -> session.list(row -> row.getString(1),
                "select event_id from outbox order by seq"));
    }

    private static boolean isBalanced(Books books) {
        return books.of(Entry.ENTERED)
                == books.of(Entry.PUBLISHED) + books.of(Entry.DEAD_LETTERED) + books.of(Entry.OUTBOX_ROWS)
                && books.of(Entry.OUTBOX_ROWS) >= 0;
    }

    /** Whoever reads on from the highest place that it has seen misses nothing, and the books balance meanwhile. */
    @Test
    void placesAreInTheOrderOfCommitsOverAllBridges() {
        // Given
        String url = PostgresForTests.url();
        List<Store> bridges = List.of(open(url), open(url));
        AtomicBoolean over = new AtomicBoolean();
        Collection<String> acknowledged = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<Void>> writers = IntStream.range(0, 8)
                .mapToObj(writer -> OwnThread.run(() ->
                IntStream.range(0, 150).forEach(i -> {
                    String id = writer + "-" + i;
                    bridges.get(writer % 2).write(insertion(id, "key-" + i % 3)).await();
                    acknowledged.add(id);
                }))).toList();
        CompletableFuture<Void> all = CompletableFuture.allOf(writers.toArray(new CompletableFuture<?>[0]))
                .whenComplete((nothing, failure) -> over.set(true));

        // When
        List<String> seen = new ArrayList<>();
        long[] last = {0};
        boolean isLast = false;
        while (!isLast) {
            isLast = over.get();
            bridges.get(0).read(session -> {
                OutboxTable.after(session, last[0], (seq, key, row) -> {
                    seen.add(row.get().eventId());
                    last[0] = seq;
                    return true;
                });
                return null;
            });
            assertThat(bridges.get(1).balancedBooks()).matches(PostgresStoreTest::isBalanced);
        }

        // Then
        assertThat(all).isCompleted();
        assertThat(seen).hasSize(1200).containsExactlyInAnyOrderElementsOf(acknowledged);
        for (int writer = 0; writer < 8; writer++) {
            String mine = writer + "-";
            assertThat(seen.stream().filter(id -> id.startsWith(mine))).containsExactlyElementsOf(
                    IntStream.range(0, 150).mapToObj(i -> mine + i).toList());
        }
        assertThat(bridges.get(1).balancedBooks().of(Entry.OUTBOX_ROWS)).isEqualTo(1200);
    }

    @Test
    void whatOneBridgePutsInAnotherMayTakeOutAndTheBooksBalanceAllTheTime() {
        // Given
        String url = PostgresForTests.url();
        Store one = open(url);
        Store other = open(url);
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> looking = OwnThread.run(() -> {
            while (!over.get()) {
                assertThat(one.balancedBooks()).matches(PostgresStoreTest::isBalanced);
            }
        });

        // When
        for (int i = 0; i < 300; i++) {
            StoredEvent event = one.write(insertion("id-" + i, "key")).await();
            // both, as after a slot has moved too early
            for (Store store : List.of(other, one)) {
                store.write(session -> {
                    OutboxTable.published(session, event);
                    return null;
                });
            }
        }
        stores.forEach(store -> store.write(session -> null).await());
        over.set(true);

        // Then
        assertThat(looking).succeedsWithin(SOON);
        Books books = one.balancedBooks();
        assertThat(books.of(Entry.ENTERED)).isEqualTo(300);
        assertThat(books.of(Entry.PUBLISHED)).isEqualTo(300);
        assertThat(books.of(Entry.OUTBOX_ROWS)).isZero();
        assertThat(books.of(Entry.OUTBOX_BYTES)).isZero();
    }

    /**
     * The long form is {@code -Dstore.connection.cuts=200}; the short one still cuts dozens of times, at random
     * instants under six writers that share commits and go on at once; an instant that few cuts meet is left to the
     * long form.
     */
    @Test
    void whatIsAcknowledgedIsThereOnceHoweverOftenConnectionsAreCut() throws SQLException {
        // Given
        String url = PostgresForTests.url();
        Store store = open(url);
        AtomicBoolean over = new AtomicBoolean();
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        Set<String> refused = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<Void>> writers = IntStream.range(0, 6)
                .mapToObj(writer -> OwnThread.run(() -> {
            for (int i = 0; !over.get(); i++) {
                String id = writer + "-" + i;
                try {
                    store.write(insertion(id, "key")).await();
                    acknowledged.add(id);
                } catch (StoreUnavailable e) {
                    refused.add(id);
                    LockSupport.parkNanos(1_000_000);
                }
            }
        })).toList();

        // When
        int cut = 0;
        try (Connection administrator = new Driver().connect(url, new Properties());
             Statement statement = administrator.createStatement()) {
            while (cut < CUTS) {
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(20_000_000));
                try (var cuts = statement.executeQuery("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where datname = current_database() and application_name like '%writer'")) {
                    while (cuts.next()) {
                        cut++;
                    }
                }
            }
        }
        over.set(true);
        writers.forEach(writer -> assertThat(writer).succeedsWithin(SOON));

        // Then
        await().atMost(SOON).until(() -> store.failure() == null && store.isOpen());
        List<String> there = ids(store);
        assertThat(Set.copyOf(there)).hasSameSizeAs(there).isEqualTo(acknowledged).noneMatch(refused::contains);
        assertThat(store.balancedBooks()).matches(PostgresStoreTest::isBalanced);
        assertThat(store.balancedBooks().of(Entry.ENTERED)).isEqualTo(acknowledged.size());
    }

    @Test
    void aServerThatCrashesComesBackAndNothingAcknowledgedIsLost() {
        // Given
        PostgresForTests server = PostgresForTests.shared();
        Store store = open(server.newDatabase());
        store.write(insertion("before", "key")).await();

        // When
        server.crash();

        // Then
        await().atMost(SOON).ignoreException(StoreUnavailable.class)
                .until(() -> store.write(insertion("after", "key")).await() != null);
        await().atMost(SOON).ignoreException(StoreUnavailable.class).untilAsserted(() ->
                assertThat(ids(store)).containsExactly("before", "after"));
        assertThat(store.balancedBooks().of(Entry.ENTERED)).isEqualTo(2);
        store.close();
    }

    @Test
    void whileTheServerStandsStillNobodyWaitsForLongAndEveryWriteEndsOneWay() {
        // Given
        PostgresForTests server = PostgresForTests.shared();
        Store store = open(server.newDatabase());
        store.write(insertion("before", "key")).await();
        List<Write<StoredEvent>> writes = new ArrayList<>();
        try {
            // When
            server.freeze();
            for (int i = 0; i < 5; i++) {
                Write<StoredEvent> write = store.write(insertion("meanwhile-" + i, "key"),
                        System.nanoTime() + Duration.ofMillis(200).toNanos());
                writes.add(write);
                assertThat(write.answer()).failsWithin(Duration.ofSeconds(2));
            }
            await().atMost(SOON).until(() -> store.failure() != null);
            await().atMost(SOON).untilAsserted(() ->
                    assertThatThrownBy(() -> store.read(session -> session.number("select 1")))
                            .isInstanceOf(StoreUnavailable.class));
        } finally {
            server.thaw();
        }

        // Then
        await().atMost(SOON).until(() -> store.failure() == null && store.isOpen());
        assertThat(writes).allSatisfy(write -> await().atMost(SOON).until(() -> write.settlement().isDone()));
        store.write(insertion("after", "key")).await();
        List<String> there = ids(store);
        for (int i = 0; i < writes.size(); i++) {
            assertThat(there.contains("meanwhile-" + i))
                    .isEqualTo(!writes.get(i).settlement().isCompletedExceptionally());
        }
        assertThat(store.balancedBooks().of(Entry.ENTERED)).isEqualTo(there.size());
        store.close();
    }

    @Test
    void theBooksOfBridgesThatAreGoneBecomeOneAndThoseOfOneThatComesBackBeginAnew() {
        // Given
        PostgresAddress address = new PostgresAddress(PostgresForTests.url(), null, null);
        Store gone = openForgetful(address);
        Store left = openForgetful(address);
        for (int i = 0; i < 3; i++) {
            gone.write(insertion("id-" + i, "key")).await();
        }

        // When
        left.tidyUp();
        left.write(session -> null).await();

        // Then
        assertThat(left.<Long>read(session -> session.number("select count(*) from books"))).isEqualTo(2);
        assertThat(left.balancedBooks().of(Entry.ENTERED)).isEqualTo(3);
        await().atMost(SOON).ignoreException(StoreUnavailable.class)
                .until(() -> gone.write(insertion("once more", "key")).await() != null);
        assertThat(left.balancedBooks().of(Entry.ENTERED)).isEqualTo(4);
        assertThat(left.balancedBooks().of(Entry.OUTBOX_ROWS)).isEqualTo(4);
        assertThat(ids(left)).hasSize(4);
    }

    /** It holds others for gone as soon as they have written. */
    private Store openForgetful(PostgresAddress address) {
        SteadyClock clock = new SteadyClock();
        Store store = new Store(new PostgresDatabase(address, new AloneForTests(UUID.randomUUID()), clock,
                Duration.ZERO), clock);
        stores.add(store);
        store.start();
        return store;
    }

    @Test
    void theDoctorIsToldWhatIsThere() throws Exception {
        // Given
        PostgresAddress address = new PostgresAddress(PostgresForTests.url(), null, null);
        assertThat(StoreSummary.of(address)).isNull();
        Store store = open(address.url());
        store.write(insertion("id", "key")).await();

        // When
        StoreSummary summary = StoreSummary.of(address);

        // Then
        assertThat(summary.books().of(Entry.OUTBOX_ROWS)).isEqualTo(1);
        assertThat(summary.fileBytes()).isPositive();
    }

    @Test
    void anIdThatLeavesTwiceAtOnceIsNoFault() {
        Store store = open(PostgresForTests.url());
        String id = UUID.randomUUID().toString();
        store.write(session -> {
            ClaimTable.accept(session, id);
            ClaimTable.accept(session, id);
            return null;
        }).await();
        store.write(session -> {
            ClaimTable.leave(session, id);
            ClaimTable.leave(session, id);
            return null;
        }).await();
        assertThat(store.<Boolean>read(session -> ClaimTable.isKnown(session, id, 60_000))).isTrue();
    }

    @Test
    void whoAsksForTheBooksWhileTheServerStandsStillHoldsUpNobodyWhoWrites() {
        PostgresForTests server = PostgresForTests.shared();
        // Given
        Store store = open(server.newDatabase());
        store.write(insertion("first", "key")).await();
        server.freeze();
        try {
            // When
            for (int i = 0; i < 4; i++) {
                store.balancedBooks();
            }
            long began = System.nanoTime();
            CompletableFuture<StoredEvent> answer = store.write(insertion("second", "key"),
                    began + Duration.ofMillis(300).toNanos()).answer();

            // Then
            await().atMost(SOON).until(answer::isDone);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(900));
            assertThat(answer).isCompletedExceptionally();
        } finally {
            server.thaw();
        }
    }
}

package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.routingbridge.OwnThread;
import org.routingbridge.store.Books.Entry;

/** Whatever happens to a write, the one thread that writes goes on, and everyone is told. */
@ParameterizedClass
@EnumSource(Engine.class)
class StoreFaultsTest {

    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration BUDGET = Duration.ofMillis(300);
    /** What a busy machine adds. */
    private static final Duration SLACK = Duration.ofMillis(1500);

    @Parameter
    private Engine engine;
    @TempDir
    private Path directory;
    private Engine.Site site;
    private Store store;

    @BeforeEach
    void begin() {
        site = engine.site(directory);
        open();
    }

    private void open() {
        store = site.store();
        store.start();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static StoredEvent row(long seq, String id) {
        return new StoredEvent(seq, id, "key", id.getBytes(StandardCharsets.UTF_8), "{}", 1, 2, 3, 0, 0,
                "[]", "", true);
    }

    private Work<Object> insertion(String id) {
        return session -> {
            OutboxTable.insert(session, row(session.nextSeq(), id));
            return null;
        };
    }

    private long rows() {
        return store.read(session -> session.number("select count(*) from outbox"));
    }

    private List<String> ids() {
        return store.read(session -> session.list(row -> row.getString(1),
                "select event_id from outbox order by seq"));
    }

    private long commits() {
        return store.books().of(Entry.COMMITS);
    }

    /** Work that lasts until it is told to end. */
    private final class Holding implements AutoCloseable {

        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch end = new CountDownLatch(1);

        private Holding() {
            store.write(session -> {
                begun.countDown();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return null;
            });
            try {
                assertThat(begun.await(SOON.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            end.countDown();
        }
    }

    private static long inTime(Duration time) {
        return System.nanoTime() + time.toNanos();
    }

    @Test
    void thoseWhoWaitShareOneCommit() {
        // Given
        long before = commits();
        List<Write<Object>> writes = new ArrayList<>();
        try (Holding first = new Holding()) {
            IntStream.range(0, 64).forEach(i -> writes.add(store.write(insertion("id-" + i))));
        }

        // When
        writes.forEach(Write::await);

        // Then
        assertThat(commits() - before).isEqualTo(2);
        assertThat(rows()).isEqualTo(64);
    }

    private enum Fault {
        RUNTIME_EXCEPTION {
            @Override
            void happen(Session session) {
                throw new IllegalStateException("on purpose");
            }
        },
        ERROR {
            @Override
            void happen(Session session) {
                throw new AssertionError("on purpose");
            }
        },
        REFUSED_BY_THE_DATABASE {
            @Override
            void happen(Session session) throws SQLException {
                session.change("insert into outbox (seq) values (1)");
            }
        };

        abstract void happen(Session session) throws SQLException;
    }

    @ParameterizedTest
    @EnumSource
    void aWriteThatFailsHarmsNoneOfTheOthers(Fault fault) {
        // Given
        Write<Object> before;
        Write<Object> failing;
        Write<Object> after;
        try (Holding first = new Holding()) {
            before = store.write(insertion("before"));
            failing = store.write(session -> {
                OutboxTable.insert(session, row(session.nextSeq(), "failing"));
                fault.happen(session);
                return null;
            });
            after = store.write(insertion("after"));
        }

        // When, Then
        assertThat(failing.settlement()).failsWithin(SOON);
        assertThat(before.settlement()).succeedsWithin(SOON);
        assertThat(after.settlement()).succeedsWithin(SOON);
        assertThat(ids()).containsExactly("before", "after");
        assertThat(store.books().of(Entry.OUTBOX_ROWS)).isEqualTo(2);
        assertThat(store.books().of(Entry.ENTERED)).isEqualTo(2);
        assertThat(store.write(insertion("next")).settlement()).succeedsWithin(SOON);
    }

    /** A disk that hangs for long must not fill memory with what nobody waits for any more. */
    @Test
    void whatIsOverdueAndHasNotBegunIsLetGo() {
        // Given
        List<WeakReference<Object>> held = new ArrayList<>();
        try (Holding hanging = new Holding()) {
            // When
            for (int i = 0; i < 20; i++) {
                held.add(overdue(new byte[100]));
            }

            // Then
            await().atMost(SOON).untilAsserted(() -> {
                System.gc();
                assertThat(held).extracting(WeakReference::get).containsOnlyNulls();
            });
        }
        assertThat(store.write(insertion("next")).settlement()).succeedsWithin(SOON);
        assertThat(ids()).containsExactly("next");
    }

    private WeakReference<Object> overdue(byte[] text) {
        Write<Object> write = store.write(session -> {
            OutboxTable.insert(session, new StoredEvent(session.nextSeq(), "overdue", "key", text, "{}", 1, 2, 3, 0, 0,
                    "[]", "", true));
            return null;
        }, inTime(BUDGET));
        assertThat(write.answer()).failsWithin(SOON);
        return new WeakReference<>(text);
    }

    @Test
    void aConnectionThatBreaksUnderAWriteIsReplaced() {
        // Given
        List<Write<Object>> writes = new ArrayList<>();
        try (Holding first = new Holding()) {
            writes.add(store.write(insertion("before")));
            writes.add(store.write(session -> {
                session.connection().close();
                throw new IllegalStateException("on purpose");
            }));
            writes.add(store.write(insertion("after")));
        }

        // When, Then
        assertThat(writes).allSatisfy(write -> await().atMost(SOON).until(() -> write.settlement().isDone()));
        await().atMost(SOON).ignoreException(StoreUnavailable.class)
                .untilAsserted(() -> store.write(insertion("next")).await());
    }

    @Test
    void whatFailsAfterACommitDoesNotDoTheWorkAgain() {
        // Given
        Write<Object> write = store.write(insertion("id"));
        write.settlement().whenComplete((nothing, failure) -> {
            throw new IllegalStateException("on purpose");
        });

        // When
        write.await();

        // Then
        assertThat(store.write(insertion("next")).settlement()).succeedsWithin(SOON);
        assertThat(rows()).isEqualTo(2);
    }

    /** As on a disk that was full by the time that the first of the beans asked. */
    @Test
    void whatIsToBeReadWhenItIsOpenIsReadWhileItCannotBeWrittenTo() throws Exception {
        // Given
        store.write(insertion("before")).await();
        List<Long> counted = new CopyOnWriteArrayList<>();
        try (Connection other = site.connect()) {
            other.setAutoCommit(false);
            other.createStatement().executeUpdate("update books set commits = commits");
            store.write(insertion("meanwhile"), inTime(BUDGET));
            await().atMost(SOON).until(() -> store.failure() != null);

            // When
            store.whenOpened(session -> counted.add(session.number("select count(*) from outbox")));
            other.rollback();
        }

        // Then
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(counted).isNotEmpty().containsOnly(1L));
    }

    @Test
    void whatComesWhileItClosesEndsOneWayOrTheOther() throws Exception {
        for (int round = 0; round < 10; round++) {
            // Given
            Store closed = store;
            AtomicBoolean over = new AtomicBoolean();
            List<CompletableFuture<List<Write<Object>>>> writers = IntStream.range(0, 3)
                    .mapToObj(writer -> OwnThread.supply(() -> {
                        List<Write<Object>> writes = new ArrayList<>();
                        while (!over.get()) {
                            writes.add(closed.write(insertion("id")));
                            if (writes.size() % 500 == 0) {
                                writes.get(writes.size() - 1).settlement().handle((nothing, failure) -> null).join();
                            }
                        }
                        return writes;
                    })).toList();

            // When
            closed.close();
            over.set(true);

            // Then
            for (CompletableFuture<List<Write<Object>>> writer : writers) {
                assertThat(writer.get(10, TimeUnit.SECONDS)).allSatisfy(write ->
                        assertThat(write.settlement()).isDone());
            }
            open();
        }
    }

    @Test
    void whileSomebodyElseHoldsTheDatabaseWritesFailInTimeAndThenItComesBackByItself() throws Exception {
        // Given
        List<Write<Object>> meanwhile = new ArrayList<>();
        store.write(insertion("before")).await();
        try (Connection other = site.connect()) {
            other.setAutoCommit(false);
            other.createStatement().executeUpdate("update books set commits = commits");

            // When
            for (int i = 0; i < 5; i++) {
                Write<Object> write = store.write(insertion("meanwhile-" + i), inTime(BUDGET));
                meanwhile.add(write);
                assertThat(write.answer()).failsWithin(BUDGET.plus(SLACK)).withThrowableThat().havingCause()
                        .isInstanceOf(StoreUnavailable.class);
            }
            await().atMost(SOON).until(() -> store.failure() != null);
            assertThatThrownBy(() -> store.write(insertion("meanwhile")).await()).isInstanceOf(StoreUnavailable.class);
            other.rollback();
        }

        // Then
        await().atMost(Duration.ofSeconds(10)).until(() -> store.failure() == null && store.isOpen());
        store.write(insertion("after")).await();
        // what had begun ends in its own time
        assertThat(meanwhile).allSatisfy(write -> assertThat(write.settlement()).isDone());
        List<String> expected = new ArrayList<>(List.of("before", "after"));
        IntStream.range(0, meanwhile.size()).filter(i -> !meanwhile.get(i).settlement().isCompletedExceptionally())
                .forEach(i -> expected.add("meanwhile-" + i));
        assertThat(ids()).containsExactlyInAnyOrderElementsOf(expected);
    }
}

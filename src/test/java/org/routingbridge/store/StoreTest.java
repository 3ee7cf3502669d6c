package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.routingbridge.store.Books.Entry;

/** What is acknowledged is on disk with the books of it, once, whatever others write meanwhile. */
@ParameterizedClass
@EnumSource(Engine.class)
class StoreTest {

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

    private static StoredEvent event(long seq, String id) {
        return new StoredEvent(seq, id, "key", id.getBytes(StandardCharsets.UTF_8), "{}", 0, 0, 0, 0, 0, "[]", "",
                true);
    }

    private static Work<StoredEvent> insertion(String id) {
        return session -> {
            StoredEvent event = event(session.nextSeq(), id);
            OutboxTable.insert(session, event);
            return event;
        };
    }

    private Write<StoredEvent> insert(String id) {
        return store.write(insertion(id));
    }

    private long rows() {
        return store.read(session -> session.number("select count(*) from outbox"));
    }

    private long deadline(Duration from) {
        return System.nanoTime() + from.toNanos();
    }

    /** A commit that hangs, as it does with a disk that does not answer. */
    private CountDownLatch hang() {
        CountDownLatch answer = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        store.write(session -> {
            begun.countDown();
            awaitIt(answer);
            return null;
        });
        awaitIt(begun);
        return answer;
    }

    private static void awaitIt(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void thoseThatWaitTogetherAreCommittedTogether() throws Exception {
        // Given
        CountDownLatch busy = hang();
        long before = store.books().of(Entry.COMMITS);

        // When
        List<Write<StoredEvent>> writes = IntStream.range(0, 500).mapToObj(i -> insert("event-" + i)).toList();
        busy.countDown();
        writes.forEach(Write::await);

        // Then
        assertThat(rows()).isEqualTo(500);
        assertThat(store.books().of(Entry.OUTBOX_ROWS)).isEqualTo(500);
        assertThat(store.books().of(Entry.COMMITS) - before).isLessThan(5);
    }

    @Test
    void oneThatFailsHarmsNoneOfTheOthers() {
        // Given
        StoredEvent twice = event(1_000_000, "twice");
        Work<StoredEvent> insertionOfOne = session -> {
            OutboxTable.insert(session, twice);
            return twice;
        };

        // When
        List<Write<StoredEvent>> writes = new ArrayList<>();
        writes.add(insert("a"));
        writes.add(store.write(insertionOfOne));
        writes.add(store.write(insertionOfOne));
        writes.add(store.write(session -> {
            insertion("half").in(session);
            throw new IllegalStateException("failed on purpose");
        }));
        writes.add(insert("b"));

        // Then
        List<String> outcomes = writes.stream().map(write -> {
            try {
                write.await();
                return "written";
            } catch (StoreUnavailable | IllegalStateException e) {
                return "failed";
            }
        }).toList();
        assertThat(outcomes).containsExactly("written", "written", "failed", "failed", "written");
        assertThat(rows()).isEqualTo(3);
        assertThat(store.books().of(Entry.OUTBOX_ROWS)).isEqualTo(3);
        assertThat(store.books().of(Entry.ENTERED)).isEqualTo(3);
        assertThat(store.failure()).isNull();
    }

    @Test
    void whatIsTakenAwayTwiceIsCountedOnce() {
        // Given
        StoredEvent event = insert("a").await();

        // When
        for (int i = 0; i < 2; i++) {
            store.write(session -> {
                OutboxTable.published(session, event);
                return null;
            }).await();
        }

        // Then
        assertThat(store.books().of(Entry.OUTBOX_ROWS)).isZero();
        assertThat(store.books().of(Entry.OUTBOX_BYTES)).isZero();
        assertThat(store.books().of(Entry.PUBLISHED)).isEqualTo(1);
    }

    @Test
    void nobodyWaitsLongerThanItsDeadlineAndWhatHadNotBegunIsNotDone() {
        // Given
        CountDownLatch answer = hang();

        // When
        Write<StoredEvent> late = store.write(insertion("late"), deadline(Duration.ofMillis(300)));

        // Then
        assertThat(late.answer()).failsWithin(Duration.ofSeconds(5)).withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(StoreUnavailable.class);
        answer.countDown();
        insert("afterwards").await();
        assertThat(rows()).isEqualTo(1);
        assertThat(store.books().of(Entry.OUTBOX_ROWS)).isEqualTo(1);
    }

    @Test
    void whatHadBegunIsSettledInItsOwnTime() {
        // Given
        CountDownLatch answer = new CountDownLatch(1);
        Write<Void> begun = store.write(session -> {
            insertion("begun").in(session);
            awaitIt(answer);
            return null;
        }, deadline(Duration.ofMillis(300)));

        // When, Then
        assertThat(begun.answer()).failsWithin(Duration.ofSeconds(5)).withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(WriteUnsettled.class);
        assertThat(begun.settlement()).isNotDone();
        answer.countDown();
        assertThat(begun.settlement()).succeedsWithin(Duration.ofSeconds(5));
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void atAStopWhatWaitsIsCommittedAndWhatComesLaterIsRefused() {
        // Given
        List<Write<StoredEvent>> writes = IntStream.range(0, 2000).mapToObj(i -> insert("event-" + i)).toList();

        // When
        store.close();

        // Then
        assertThat(writes).allSatisfy(write -> assertThat(write.settlement()).isCompleted());
        assertThatThrownBy(() -> insert("late").await()).isInstanceOf(StoreUnavailable.class);
        open();
        assertThat(rows()).isEqualTo(2000);
        assertThat(store.balancedBooks().of(Entry.OUTBOX_ROWS)).isEqualTo(2000);
        assertThat(store.write(Session::nextSeq).await()).isGreaterThan(2000);
    }

    @Test
    void oneOfAnotherVersionIsRefusedInWords() throws Exception {
        // Given
        store.close();
        try (Connection other = site.connect(); Statement statement = other.createStatement()) {
            statement.executeUpdate(engine == Engine.SQLITE ? "pragma user_version = 99"
                    : "update schema_version set version = 99");
        }

        // When, Then
        store = site.store();
        assertThatThrownBy(store::start).isInstanceOf(StoreUnusable.class).hasMessageContaining("another version");
    }

    @Test
    void booksAndRowsChangeTogetherAndNeverFallBelowZero() {
        // Given
        Random random = new Random(7);
        List<StoredEvent> rows = new ArrayList<>();
        List<Write<?>> writes = new ArrayList<>();

        // When
        for (int i = 0; i < 2000; i++) {
            if (rows.isEmpty() || random.nextInt(3) > 0) {
                StoredEvent row = event(i + 1, "id-" + i);
                rows.add(row);
                writes.add(store.write(session -> {
                    OutboxTable.insert(session, row);
                    return null;
                }));
            } else {
                // now and then once more what has left before
                StoredEvent row = rows.get(random.nextInt(rows.size()));
                boolean letter = random.nextBoolean();
                writes.add(store.write(session -> {
                    if (letter) {
                        OutboxTable.deadLettered(session, row);
                    } else {
                        OutboxTable.published(session, row);
                    }
                    return null;
                }));
            }
            assertThat(store.books().of(Entry.OUTBOX_ROWS)).isNotNegative();
            assertThat(store.books().of(Entry.OUTBOX_BYTES)).isNotNegative();
        }
        writes.forEach(Write::await);

        // Then
        assertBooksMatch();
        close();
        open();
        assertBooksMatch();
    }

    private void assertBooksMatch() {
        Books books = store.balancedBooks();
        assertThat(books.of(Entry.OUTBOX_ROWS)).isEqualTo(rows());
        assertThat(books.of(Entry.OUTBOX_BYTES)).isEqualTo(store.read(session ->
                session.number("select sum(length(event_text) + " + OutboxTable.OVERHEAD_BYTES + ") from outbox")));
        assertThat(books.of(Entry.ENTERED))
                .isEqualTo(books.of(Entry.PUBLISHED) + books.of(Entry.DEAD_LETTERED) + rows());
    }

    /** What a failure or a violation quotes may hold anything that JSON does. */
    @Test
    void everyTextComesBackAsItWasWritten() {
        // Given
        String reason = StoredText.of("a\u0000b\ud800c \ud83d\ude00 \udc00");
        StoredEvent event = new StoredEvent(1, "id", "key", new byte[] {0, 1, (byte) 0xff}, "{}", 1, 2, 3, 4, 5, "[]",
                reason, true);

        // When
        store.write(session -> {
            OutboxTable.insert(session, event);
            return null;
        }).await();

        // Then
        StoredEvent read = store.read(session -> OutboxTable.at(session, 1));
        assertThat(read.isIntact()).isTrue();
        assertThat(read.reason()).isEqualTo("a\ufffdb\ufffdc \ud83d\ude00 \ufffd");
        assertThat(read.text()).isEqualTo(event.text());
    }
}

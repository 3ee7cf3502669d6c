package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.routingbridge.OwnThread;

/** The write-ahead log of the store stays within bounds, however much is written and whoever reads meanwhile. */
class StoreLogTest {

    private static final int MEGA = 1024 * 1024;

    @TempDir
    private Path directory;

    private Store store;

    @BeforeEach
    void open() {
        store = new Store(directory, new SteadyClock());
        store.start();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void write(int megabytes) {
        for (int i = 0; i < megabytes; i++) {
            store.write(session -> {
                OutboxTable.insert(session, new StoredEvent(session.nextSeq(), "id", "key", new byte[MEGA], "{}", 0,
                        0, 0, 0, 0, "[]", "", true));
                session.update("delete from outbox");
                return null;
            }).await();
        }
    }

    private long logBytes() throws IOException {
        return Files.size(directory.resolve("bridge.db-wal"));
    }

    @Test
    void theLogStaysSmallUnderSteadyWriting() throws IOException {
        // When
        write(300);

        // Then
        assertThat(logBytes()).isLessThan(70L * MEGA);
    }

    /** Else its size would ask for a checkpoint at each of the small commits that follow. */
    @Test
    void aLogThatWasLargeIsSmallAgainOnceItIsInTheDatabase() {
        // Given
        write(12);

        // When, Then
        await().untilAsserted(() -> {
            store.write(session -> session.update("update books set one = 1")).await();
            assertThat(logBytes()).isLessThan(MEGA);
        });
    }

    @Test
    void aLogThatAReaderHasHeldUpIsCutOnceTheReaderHasEnded() throws Exception {
        // Given
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch written = new CountDownLatch(1);
        write(1);
        CompletableFuture<Void> reader = OwnThread.run(() -> store.read(session -> {
            session.each(row -> {
                reading.countDown();
                try {
                    written.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return true;
            }, "select one from books");
            return null;
        }));
        reading.await();
        write(100);
        long heldUp = logBytes();

        // When
        written.countDown();
        reader.join();

        // Then
        assertThat(heldUp).isGreaterThan(90L * MEGA);
        await().untilAsserted(() -> {
            write(1);
            assertThat(logBytes()).isLessThan(70L * MEGA);
        });
    }

    @Test
    void aReaderThatFailsIsNotKeptOpen() throws IOException {
        // Given
        AtomicReference<Session> used = new AtomicReference<>();

        // When
        assertThatThrownBy(() -> store.read(session -> {
            used.set(session);
            throw new IllegalStateException("failed on purpose");
        })).isInstanceOf(IllegalStateException.class);

        // Then
        assertThat(used.get().connection()).satisfies(connection -> assertThat(connection.isClosed()).isTrue());
    }
}

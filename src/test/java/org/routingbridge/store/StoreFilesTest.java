package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.routingbridge.store.Books.Entry;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The store's own files, and what the disk under them does. */
class StoreFilesTest {

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

    private static Work<Void> insertion(String id) {
        return session -> {
            OutboxTable.insert(session, new StoredEvent(session.nextSeq(), id, "key",
                    id.getBytes(StandardCharsets.UTF_8), "{}", 0, 0, 0, 0, 0, "[]", "", true));
            return null;
        };
    }

    @ParameterizedTest
    @EnumSource(value = SQLiteErrorCode.class, names = {"SQLITE_FULL", "SQLITE_IOERR", "SQLITE_IOERR_FSYNC",
        "SQLITE_READONLY", "SQLITE_CANTOPEN"})
    void aDiskThatFailsIsTriedAgainByItself(SQLiteErrorCode code) {
        // Given
        Write<Void> failing = store.write(session -> {
            insertion("a").in(session);
            throw new SQLiteException("the disk is broken", code);
        });

        // When
        assertThatThrownBy(failing::await).isInstanceOf(StoreUnavailable.class).hasMessageContaining("broken");

        // Then
        await().atMost(10, TimeUnit.SECONDS).until(() -> store.failure() == null && store.isOpen());
        store.write(insertion("b")).await();
        assertThat(store.<Long>read(session -> session.number("select count(*) from outbox"))).isEqualTo(1);
        assertThat(store.books().of(Entry.OUTBOX_ROWS)).isEqualTo(1);
    }

    @Test
    void nobodyElseCanReadItsFiles() throws Exception {
        // Given
        store.write(insertion("a")).await();

        // When, Then
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isNotEmpty().allSatisfy(file -> assertThat(PosixFilePermissions.toString(
                    Files.getPosixFilePermissions(file))).isEqualTo("rw-------"));
        }
    }
}

package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may not be written to, found so at the start; needs the right to mount, since root may write to any file. */
@EnabledOnOs(OS.LINUX)
class ReadOnlyStoreTest {

    @TempDir
    private Path temporary;
    private Path directory;
    private Path mounted;
    private Store store;

    @BeforeEach
    void write() throws IOException {
        directory = temporary.toRealPath();
        store = new Store(directory, new SteadyClock());
        store.start();
        store.write(session -> {
            OutboxTable.insert(session, new StoredEvent(session.nextSeq(), "kept", "key", new byte[] {'x'}, "{}", 1, 2,
                    3, 0, 0, "[]", "", true));
            return null;
        }).await();
        store.close();
    }

    @AfterEach
    void close() throws Exception {
        store.close();
        if (mounted != null) {
            run("umount", mounted.toString());
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }

    private void makeReadOnly(Path path) throws Exception {
        assumeThat(run("mount", "--bind", path.toString(), path.toString())).as("whether this user may mount").isZero();
        mounted = path;
        assertThat(run("mount", "-o", "remount,bind,ro", path.toString())).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bridge.db"})
    void itStartsAndSaysWhatIsWrongAndGoesOnOnceThatIsMended(String what) throws Exception {
        // Given
        makeReadOnly(what.isEmpty() ? directory : directory.resolve(what));
        store = new Store(directory, new SteadyClock());

        // When
        store.start();

        // Then
        await().atMost(Duration.ofSeconds(2)).until(() -> store.failure() != null);
        assertThat(store.damage()).isNull();
        assertThatThrownBy(() -> store.write(session -> null).await()).isInstanceOf(StoreUnavailable.class);
        assertThat(run("umount", mounted.toString())).isZero();
        mounted = null;
        await().atMost(Duration.ofSeconds(2)).until(() -> store.isOpen() && store.failure() == null);
        store.write(session -> null).await();
        List<String> kept = store.read(session -> session.list(row -> row.getString(1), "select event_id from outbox"));
        assertThat(kept).containsExactly("kept");
    }
}

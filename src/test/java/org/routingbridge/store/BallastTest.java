package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Room that is kept for a full disk is there after every start, whatever the last one left. */
class BallastTest {

    @TempDir
    private Path directory;

    private Ballast ballast;
    private Path file;

    @BeforeEach
    void begin() {
        ballast = new Ballast(directory);
        file = directory.resolve("room-for-a-full-disk");
    }

    @Test
    void itIsTakenWhereThereIsNone() throws IOException {
        // When
        ballast.replace();

        // Then
        assertThat(Files.size(file)).isEqualTo(Ballast.BYTES);
    }

    @Test
    void whatAKillLeftHalfWrittenIsMadeWhole() throws IOException {
        // Given
        Files.write(file, new byte[Ballast.BYTES / 2]);

        // When
        ballast.replace();

        // Then
        assertThat(Files.size(file)).isEqualTo(Ballast.BYTES);
    }

    @Test
    void itIsGivenUpAndTakenAgain() throws IOException {
        // Given
        ballast.replace();

        // When
        ballast.release();

        // Then
        assertThat(file).doesNotExist();
        ballast.replace();
        assertThat(Files.size(file)).isEqualTo(Ballast.BYTES);
    }
}

package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Room that is kept for a full disk is taken, made whole and given up. */
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
        assertThat(Files.getPosixFilePermissions(file)).containsOnly(PosixFilePermission.OWNER_READ,
                PosixFilePermission.OWNER_WRITE);
    }

    @Test
    void aWholeOneIsLeftAsItIs() throws IOException {
        // Given
        byte[] whole = new byte[Ballast.BYTES];
        Arrays.fill(whole, (byte) 1);
        Files.write(file, whole);

        // When
        ballast.replace();

        // Then
        assertThat(file).hasBinaryContent(whole);
    }

    @Test
    void itIsGivenUpAndTakenAgain() throws IOException {
        // Given
        ballast.replace();

        // When
        ballast.release();

        // Then
        assertThat(file).doesNotExist();

        // When
        ballast.replace();

        // Then
        assertThat(Files.size(file)).isEqualTo(Ballast.BYTES);
    }
}

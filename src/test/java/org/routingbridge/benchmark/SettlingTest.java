package org.routingbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.routingbridge.benchmark.Settling.Window;

class SettlingTest {

    private final Settling settling = new Settling();

    private void add(long events, double cpuSeconds, double compilerSeconds) {
        settling.add(new Window(2, events, cpuSeconds, compilerSeconds));
    }

    @Test
    void aServerHasSettledOnceItsWindowsAreAlike() {
        // When
        add(10_000, 2.00, 0);
        add(10_000, 2.01, 0.05);

        // Then
        assertThat(settling.isSettled()).isFalse();

        // When
        add(11_000, 2.20, 0.1);

        // Then
        assertThat(settling.isSettled()).isTrue();
    }

    @Test
    void aServerWhoseEventsGetCheaperHasNotSettled() {
        // When
        add(10_000, 3.00, 0);
        add(10_000, 2.00, 0);
        add(10_000, 2.00, 0);

        // Then
        assertThat(settling.isSettled()).isFalse();

        // When
        add(10_000, 2.00, 0);

        // Then
        assertThat(settling.isSettled()).isTrue();
    }

    @Test
    void aServerWhoseCompilerWorksHasNotSettled() {
        // When
        add(10_000, 2.0, 0);
        add(10_000, 2.0, 0.2);
        add(10_000, 2.0, 0);

        // Then
        assertThat(settling.isSettled()).isFalse();
    }

    @Test
    void aTickOfTheClockIsNoDifference() {
        // When
        add(1000, 0.10, 0);
        add(1000, 0.11, 0);
        add(1000, 0.10, 0);

        // Then
        assertThat(settling.isSettled()).isTrue();
    }

    @Test
    void theCompilerIsToldByTheNamesOfItsThreads() {
        // Given
        assumeTrue(Files.isDirectory(Path.of("/proc/self/task")));

        // When, Then
        assertThat(Usage.compilerSeconds(ProcessHandle.current()))
                .isPositive().isLessThan(Usage.of(ProcessHandle.current()).cpu().toNanos() / 1e9);
    }

    @Test
    void aServerThatAcceptsNothingHasNotSettled() {
        // When
        for (int i = 0; i < Settling.WINDOWS; i++) {
            add(0, 0.1, 0);
        }

        // Then
        assertThat(settling.isSettled()).isFalse();
    }
}

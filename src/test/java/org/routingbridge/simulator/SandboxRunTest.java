package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.routingbridge.OwnThread;

class SandboxRunTest {

    @TempDir
    private Path root;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    @Test
    void theBooksOfAnHonestBridgeBalance() {
        // When
        int status = run(options("honest").withEvents(40)).run();

        // Then
        assertThat(said()).endsWith("The books balance.\n").contains("stopped with exit code 0");
        assertThat(status).isZero();
        assertThat(said().lines().filter(line -> line.matches("[\\d:.]{12}  (?!--).*"))).hasSize(40);
        assertThat(said()).doesNotContain("sandbox-secret");
    }

    @Test
    void theBooksOfABridgeThatLosesEventsDoNotBalance() {
        // When
        SandboxRun run = run(options("loses").withEvents(20));
        CompletableFuture<Integer> status = OwnThread.supply(run::run);

        // Then
        await().atMost(Duration.ofMinutes(1)).until(status::isDone);
        assertThat(status.join()).isOne();
        assertThat(said()).contains("The books do NOT balance").contains("missing on the bus");
    }

    @Test
    void aBridgeThatDoesNotStartIsReportedWithTheEndOfItsOutput() {
        // When
        int status = run(options("dies")).run();

        // Then
        assertThat(status).isOne();
        assertThat(said()).contains("did not become ready").contains("WEBHOOK_SECRET: too short");
    }

    @Test
    void aRunWithoutEndStopsWhenToldTo() {
        // Given
        SandboxRun run = run(options("honest"));
        CompletableFuture<Integer> running = OwnThread.supply(run::run);
        await().atMost(Duration.ofSeconds(30)).until(() -> said().contains("200 processed"));

        // When
        int status = run.stop();

        // Then
        assertThat(status).isZero();
        assertThat(running.join()).isZero();
        assertThat(said()).endsWith("The books balance.\n");
    }

    @Test
    void aMissingJarIsSaidSo() {
        // When
        int status = run(SandboxOptions.in(root)).run();

        // Then
        assertThat(status).isOne();
        assertThat(said()).contains("mvn -B package");
    }

    private SandboxOptions options(String behaviour) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return SandboxOptions.in(root).withRate(100).withSeed(11).withBridgeCommand(List.of(java,
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                StandInBridge.class.getName(), behaviour));
    }

    private SandboxRun run(SandboxOptions options) {
        return new SandboxRun(options, new PrintStream(output, true, StandardCharsets.UTF_8));
    }

    private String said() {
        return output.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}

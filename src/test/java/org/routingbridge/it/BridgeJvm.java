package org.routingbridge.it;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The bridge as a process, which writes to a file and inherits next to nothing of the test's environment. */
public final class BridgeJvm implements AutoCloseable {

    private static final Duration UNTIL_READY = Duration.ofSeconds(60);
    private static final List<String> INHERITED = List.of("PATH", "HOME", "SystemRoot", "TEMP", "TMP");

    private final Process process;
    private final Path log;

    private BridgeJvm(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static BridgeJvm start(List<String> command, Path directory, Map<String, String> environment, Path log) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File(
                        System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null")))
                .redirectOutput(log.toFile());
        builder.environment().keySet().retainAll(INHERITED);
        builder.environment().putAll(environment);
        try {
            return new BridgeJvm(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns once it has said that it is ready. */
    public BridgeJvm awaitReady() {
        await("the bridge's ready line").atMost(UNTIL_READY).pollInterval(Duration.ofMillis(50))
                .failFast(this::assertAlive)
                .until(() -> output().contains("Bridge ready"));
        return this;
    }

    private void assertAlive() {
        if (!process.isAlive()) {
            throw new AssertionError("the bridge ended with " + process.exitValue() + ":\n" + output());
        }
    }

    /** Asks it to end, by SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Ends it without asking, as {@code kill -9} does. */
    public void kill() {
        process.destroyForcibly();
    }

    /**
     * Waits for its end.
     *
     * @return its exit status
     * @throws IllegalStateException where it takes longer
     */
    public int awaitExit(Duration patience) {
        try {
            if (process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IllegalStateException("the bridge is still running after " + patience + ":\n" + output());
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Its number in the operating system. */
    public long pid() {
        return process.pid();
    }

    /** What it has written so far. */
    public String output() {
        try {
            return Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}

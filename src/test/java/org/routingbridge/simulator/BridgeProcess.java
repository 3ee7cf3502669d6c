package org.routingbridge.simulator;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The bridge as a child process, whose output goes to a file. */
final class BridgeProcess {

    private static final String READY = "Bridge ready";
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Path SHELL = Path.of("/bin/sh");

    private final Process process;
    private final Path log;

    private BridgeProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static BridgeProcess start(List<String> command, Path root, SandboxEnvironment environment, Path log)
            throws IOException {
        List<String> shielded = new ArrayList<>();
        if (Files.isExecutable(SHELL)) {
            // A terminal sends Ctrl-C to the whole group; the bridge must outlive it until the last answer is in.
            shielded.addAll(List.of(SHELL.toString(), "-c", "trap '' INT; exec \"$@\"", "sh"));
        }
        shielded.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(shielded)
                .directory(root.toAbsolutePath().toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(nullDevice()))
                .redirectOutput(log.toFile());
        environment.putInto(builder.environment());
        return new BridgeProcess(builder.start(), log);
    }

    /** Waits for the line that says the webhook answers; false when it died, took too long, or was given up. */
    boolean awaitReady(Duration patience, BooleanSupplier givenUp) throws InterruptedException, IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < deadline && !givenUp.getAsBoolean()) {
            boolean dead = process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            if (Files.readString(log, StandardCharsets.ISO_8859_1).contains(READY)) {
                return !dead;
            }
            if (dead) {
                return false;
            }
        }
        return false;
    }

    boolean alive() {
        return process.isAlive();
    }

    int exitCode() {
        return process.exitValue();
    }

    /** Asks it to end by SIGTERM, and ends it if it does not within the time; says whether it did. */
    boolean stop(Duration patience) throws InterruptedException {
        process.destroy();
        boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        return ended;
    }

    /** The last lines it wrote. */
    List<String> tail(int lines) throws IOException {
        List<String> all = Arrays.asList(Files.readString(log, StandardCharsets.ISO_8859_1).split("\\R"));
        return all.subList(Math.max(0, all.size() - lines), all.size());
    }

    private static File nullDevice() {
        return new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
    }
}

package org.routingbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of the machine's that tests hold something against, such as {@code promtool} and {@code haproxy}. */
public final class InstalledPrograms {

    private static final long PATIENCE_SECONDS = 60;
    private static final Path OUTPUT = Path.of("target", "programs");

    private InstalledPrograms() {
    }

    /**
     * What a program ended with.
     *
     * @param status its exit status
     * @param output all that it wrote
     */
    public record Ended(int status, String output) {
    }

    /**
     * A test that needs the program is skipped where it is not there, but on a build server, which installs it.
     *
     * @param name of Debian's package that has it
     */
    public static void assumeThereIs(String program, String name) {
        assume(isThere(program), program + ", which Debian's package " + name + " has,");
    }

    /**
     * The same of anything that {@code .ci/run} installs.
     *
     * @param what it is, as a sentence begins
     */
    public static void assume(boolean isThere, String what) {
        if (System.getenv("CI") != null) {
            assertThat(isThere).as(what + " is on a build server, see .ci/run").isTrue();
        }
        assumeTrue(isThere, what + " is not installed, so that nothing is tested with it here");
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /**
     * Runs a program to its end.
     *
     * @param input what it reads; null for nothing
     */
    public static Ended run(Path input, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(Files.createDirectories(OUTPUT), command.get(0), ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        if (input != null) {
            builder.redirectInput(input.toFile());
        }
        Process process = builder.start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(command.get(0) + " ended").isTrue();
            return new Ended(process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly();
        }
    }
}

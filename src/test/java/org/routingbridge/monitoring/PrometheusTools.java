package org.routingbridge.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Prometheus's own programs, as Debian's package {@code prometheus} has them. */
final class PrometheusTools {

    private static final long PATIENCE_SECONDS = 60;

    private PrometheusTools() {
    }

    /**
     * What a program ended with.
     *
     * @param status its exit status
     * @param output all that it wrote
     */
    record Ended(int status, String output) {
    }

    /** A test that needs the program is skipped where it is not there, but on a build server, which installs it. */
    static void assumeThereIs(String program) {
        boolean isThere = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        if (System.getenv("CI") != null) {
            assertThat(isThere).as(program + " is on the path of a build server, see .ci/run").isTrue();
        }
        assumeTrue(isThere, program + " is not installed, so that nothing is tested with it here; on Debian:"
                + " apt-get install prometheus");
    }

    /** Runs {@code promtool} to its end. */
    static Ended promtool(Path input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(Files.createDirectories(Path.of("target", "prometheus")), "promtool", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        if (input != null) {
            builder.redirectInput(input.toFile());
        }
        Process process = builder.start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("promtool ended").isTrue();
            return new Ended(process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly();
        }
    }
}

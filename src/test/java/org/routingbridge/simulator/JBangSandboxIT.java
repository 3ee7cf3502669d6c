package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JBangSandboxIT {

    @TempDir
    private Path root;

    @Test
    void itLeavesTheSettingsOfASandboxBesideItAlone() throws Exception {
        // Given
        Path settings = Files.createDirectories(root.resolve("target/sandbox")).resolve("sandbox.env");
        Files.writeString(settings, "export PORT='3000'\n");
        Files.createDirectory(root.resolve("routes"));

        // When
        runForItsHelp();

        // Then
        assertThat(settings).hasContent("export PORT='3000'");
        assertThat(root.resolve("target/jbang-sandbox/sandbox.env")).content().contains("export BRIDGE_PUBLIC_URL='");
    }

    @Test
    void itTakesOtherPortsWhereTheUsualOnesAreTaken() throws Exception {
        // Given
        Files.createDirectory(root.resolve("routes"));
        try (ServerSocket webhook = takePort(SandboxRun.USUAL_PORT);
                ServerSocket management = takePort(SandboxRun.USUAL_MANAGEMENT_PORT)) {
            assertThat(new ServerSocket[] {webhook, management}).allMatch(port -> port == null || port.isBound());

            // When
            runForItsHelp();
        }

        // Then
        assertThat(root.resolve("target/jbang-sandbox/sandbox.env")).content()
                .contains("export PORT='", "export MANAGEMENT_PORT='")
                .doesNotContain("PORT='" + SandboxRun.USUAL_PORT + "'", "'" + SandboxRun.USUAL_MANAGEMENT_PORT + "'");
    }

    @Test
    void aSecondOneLeavesTheFilesOfTheFirstAlone() throws Exception {
        // Given
        Path directory = Files.createDirectories(root.resolve("target/jbang-sandbox"));
        Path settings = Files.writeString(directory.resolve("sandbox.env"), "export PORT='3000'\n");
        Files.createDirectory(root.resolve("routes"));
        try (FileChannel channel = FileChannel.open(directory.resolve("sandbox.lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();

            // When
            int status = runForItsHelp();

            // Then
            assertThat(status).isOne();
        }
        assertThat(root.resolve("output")).content().contains("Another sandbox is running in target/jbang-sandbox.");
        assertThat(settings).hasContent("export PORT='3000'");
        assertThat(directory).isDirectoryNotContaining(file -> file.endsWith("data") || file.endsWith("logs"));
    }

    private int runForItsHelp() throws Exception {
        Process sandbox = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                JBangSandbox.class.getName(), "--help")
                .directory(root.toFile()).redirectErrorStream(true)
                .redirectOutput(root.resolve("output").toFile()).start();
        try {
            assertThat(sandbox.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return sandbox.exitValue();
        } finally {
            sandbox.destroyForcibly();
        }
    }

    /** Null where somebody else has it, which is as good. */
    private static ServerSocket takePort(int port) {
        try {
            return new ServerSocket(port);
        } catch (IOException e) {
            return null;
        }
    }
}

package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JBangSandboxTest {

    @TempDir
    private Path root;

    @Test
    void itLeavesTheSettingsOfASandboxBesideItAlone() throws Exception {
        // Given
        Path settings = Files.createDirectories(root.resolve("target/sandbox")).resolve("sandbox.env");
        Files.writeString(settings, "export PORT='3000'\n");
        Files.createDirectory(root.resolve("routes"));

        // When
        Process sandbox = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), JBangSandbox.class.getName(), "--help")
                .directory(root.toFile()).redirectErrorStream(true)
                .redirectOutput(root.resolve("output").toFile()).start();

        // Then
        try {
            assertThat(sandbox.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            sandbox.destroyForcibly();
        }
        assertThat(settings).hasContent("export PORT='3000'");
        assertThat(root.resolve("target/jbang-sandbox/sandbox.env")).content().contains("export BRIDGE_PUBLIC_URL='");
    }
}

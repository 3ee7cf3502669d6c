package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.routingbridge.simulator.EventFactory;

/** The launcher that the build puts beside the jar, its options, and the archive of classes they name. */
class LauncherIT {

    private static final Duration STOP = Duration.ofSeconds(10);
    /** A check of the routes, after a start that failed or without one, on a machine that is busy. */
    private static final Duration LOOK = Duration.ofSeconds(60);
    private static final String READY = "Bridge ready";

    private final BridgeSite site = new BridgeSite();

    @AfterEach
    void close() {
        site.close();
    }

    @Test
    void itStartsTheBridgeInTheProjectsRootAndHandsOnSignals() throws Exception {
        // When
        BridgeJvm bridge = site.startLauncher("-Dbridge.datalake.url=").awaitReady();

        // Then
        assertThat(site.post(BridgeSite.PATH, new EventFactory().validEvent().json()).statusCode()).isEqualTo(200);
        bridge.terminate();
        assertThat(bridge.awaitExit(STOP)).isZero();
        assertThat(site.path("data")).as("where a setting's relative path leads").isDirectory();
    }

    @Test
    void extraOptionsGoBeforeThoseOfTheFile() {
        // Given
        site.with("JAVA_OPTS", "-Xmx300m -XX:+PrintFlagsFinal");

        // When
        BridgeJvm bridge = site.startLauncher().awaitReady();

        // Then
        assertThat(bridge.output()).containsPattern("MaxHeapSize +=  *314572800 ");
    }

    @ParameterizedTest
    @CsvSource({
        "--help, 0, Usage: target/cxone-routing-bridge",
        "--version, 0, cxone-routing-bridge 1.",
        "check, 0, Nothing is wrong with routes and application.properties",
        "check nowhere, 2, application.properties and routes/ are not in",
        "--prot=3001, 2, --prot=3001 is no option of the bridge; see --help",
        "start, 2, start is no option of the bridge; see --help"})
    void whatIsAskedInPlaceOfAStartIsAnsweredInWords(String argument, int exit, String answer) {
        // When
        BridgeJvm bridge = site.startLauncher(("-Dbridge.port=3001 " + argument).split(" "));

        // Then
        assertThat(bridge.awaitExit(STOP)).isEqualTo(exit);
        assertThat(bridge.output()).startsWith(answer);
        assertThat(bridge.output().lines().count()).isLessThan(exit == 0 ? 20 : 2);
        assertThat(site.path("data")).doesNotExist();
    }

    @Test
    void theBeansForRoutesAreListed() {
        // When
        BridgeJvm bridge = site.startLauncher("--help", "routes");

        // Then
        assertThat(bridge.awaitExit(STOP)).isZero();
        assertThat(bridge.output()).startsWith("The beans that a route may use").contains("""
                deliveryVerifier
                    Lets in who holds the webhook's secret, and whose signature is right where one is asked for
                    method: verifySecret, verifySignature
                """, """
                hasToQueue
                    Whether an event has to go to the outbox without being tried first
                    ref: {expression: hasToQueue}, yes or no
                """);
        assertThat(site.path("data")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "application.properties | camel.main.name= | camel.main.nam="
                + " | camel.main.nam: Camel has no such setting; did you mean camel.main.name?",
        "application.properties | camel.component.http.connectTimeout= | camel.component.http.conectTimeout="
                + " | camel.component.http.conectTimeout: Camel has no such setting; did you mean"
                + " camel.component.http.connectTimeout?",
        "routes/operate.camel.yaml | - route: | - rout: | nothing is called rout; did you mean route?"})
    void aStartSaysWhatTheCheckSays(String file, String before, String after, String told) {
        // Given
        site.edit(file, text -> text.replace(before, after));

        // When
        BridgeJvm checked = site.startLauncher("check");
        int exit = checked.awaitExit(LOOK);
        BridgeJvm refused = site.startLauncher();

        // Then
        assertThat(exit).isEqualTo(1);
        assertThat(checked.output()).contains(told).containsPattern(file + ":\\d+: ");
        assertThat(refused.awaitExit(LOOK)).isEqualTo(1);
        assertThat(refused.output()).contains(checked.output()).doesNotContain("\tat ", READY);
    }

    @Test
    void theCheckNeedsNoSettingsOfTheEnvironment() {
        // Given
        site.withoutAny();

        // When
        BridgeJvm checked = site.startLauncher("check");

        // Then
        assertThat(checked.awaitExit(LOOK)).isZero();
        assertThat(site.path("data")).doesNotExist();
        assertThat(site.path("logs")).doesNotExist();
    }

    @Test
    void theArchiveOfClassesFitsTheJvmThatMadeIt() throws Exception {
        // Given
        String archive = archive();

        // When: the JVM is told to do without the bridge rather than without the archive
        BridgeJvm bridge = site.start(archive.endsWith(".aot") ? "-XX:AOTMode=on" : "-Xshare:on").awaitReady();

        // Then
        assertThat(Files.size(site.path(archive))).isPositive();
        assertThat(firstLine(bridge)).as("the bridge's own line, and none of the JVM's").contains(" INFO ");
    }

    @Test
    void anArchiveThatFitsOutlivesABuildThatMakesNone() throws Exception {
        // Given
        Path archive = Path.of(archive());

        // When
        int exit = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dtraining.skip=true", "src/main/launcher/MakeLauncher.java", "src/main/launcher")
                .inheritIO().start().waitFor();

        // Then
        assertThat(exit).isZero();
        assertThat(archive).exists();
        assertThat(archive()).isEqualTo(archive.toString());
    }

    @Test
    void anArchiveThatDoesNotFitIsPassedOverInSilence() throws Exception {
        // Given
        Path archive = site.path(archive());
        Files.delete(archive);
        Files.writeString(archive, "this is no archive");

        // When
        BridgeJvm bridge = site.start().awaitReady();

        // Then
        assertThat(firstLine(bridge)).as("the bridge's own line, and none of the JVM's").contains(" INFO ");
        assertThat(bridge.output()).contains(READY);
    }

    private String archive() throws Exception {
        assumeThat(Boolean.getBoolean("training.skip")).as("whether the build was told to make no archive").isFalse();
        List<String> named = site.launcherOptions().stream()
                .filter(option -> option.startsWith("-XX:SharedArchiveFile=") || option.startsWith("-XX:AOTCache="))
                .map(option -> option.substring(option.indexOf('=') + 1)).toList();
        assertThat(named).as("the archive; target/training.log says why there is none").isNotEmpty();
        return named.get(0);
    }

    private static String firstLine(BridgeJvm bridge) {
        return bridge.output().lines().findFirst().orElse("");
    }
}

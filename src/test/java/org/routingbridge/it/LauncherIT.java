package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
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
    void itStartsTheBridgeInTheProjectsRootAndHandsOnOptionsAndSignals() throws Exception {
        // Given
        site.with("JAVA_OPTS", "-Xmx300m -XX:+PrintFlagsFinal");

        // When
        BridgeJvm bridge = site.startLauncher("-Dbridge.datalake.url=").awaitReady();

        // Then
        assertThat(bridge.output()).as("before those of the file").containsPattern("MaxHeapSize +=  *314572800 ");
        assertThat(site.post(BridgeSite.PATH, new EventFactory().validEvent().json()).statusCode()).isEqualTo(200);
        bridge.terminate();
        assertThat(bridge.awaitExit(STOP)).isZero();
        assertThat(site.path("data")).as("where a setting's relative path leads").isDirectory();
    }

    @ParameterizedTest
    @CsvSource(nullValues = "none", value = {
        "17.0.15, cxone-routing-bridge.options",
        "24.0.2, cxone-routing-bridge.options",
        "25, cxone-routing-bridge-25.options",
        "26.0.1, cxone-routing-bridge-25.options",
        "none, cxone-routing-bridge.options"})
    void theOptionsAreThoseForTheJavaThatStarts(String version, String options) throws Exception {
        // Given
        site.write("java", "#!/bin/sh\necho \"$@\"\n");
        Path home = Files.createDirectories(site.path("home/bin")).getParent();
        Path java = Files.move(site.path("java"), home.resolve("bin/java"));
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        if (version != null) {
            Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n"
                    + "JAVA_VERSION_DATE=\"2026-01-20\"\n");
        }
        site.with("JAVA_HOME", home).with("JAVA_OPTS", "");

        // When
        BridgeJvm bridge = site.startLauncher("-Dbridge.port=3001");

        // Then
        assertThat(bridge.awaitExit(STOP)).isZero();
        assertThat(bridge.output()).isEqualTo(
                "@target/" + options + " -Dbridge.port=3001 -jar target/cxone-routing-bridge.jar\n");
    }

    @ParameterizedTest
    @CsvSource({
        "--help, 0, Usage: target/cxone-routing-bridge",
        "--version, 0, cxone-routing-bridge 1.",
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
        BridgeJvm checked = site.startLauncher("-Dbridge.port=3001", "check");

        // Then
        assertThat(checked.awaitExit(LOOK)).isZero();
        assertThat(checked.output()).startsWith("Nothing is wrong with routes and application.properties");
        assertThat(checked.output().lines()).hasSizeLessThan(20);
        assertThat(site.path("data")).doesNotExist();
        assertThat(site.path("logs")).doesNotExist();
    }

    @Test
    void theArchiveOfClassesFitsTheJvmThatMadeIt() throws Exception {
        // Given
        String archive = archive();

        // When: the JVM is told to do without the bridge rather than without the archive
        BridgeJvm bridge = site.start(mustUse(archive)).awaitReady();

        // Then
        assertThat(Files.size(site.path(archive))).isPositive();
        assertThat(firstLine(bridge)).as("the bridge's own line, and none of the JVM's").contains(" INFO ");
    }

    @Test
    void anArchiveThatFitsOutlivesABuildThatMakesNone() throws Exception {
        // Given
        Path archive = Path.of(archive());

        // When
        int exit = makeLauncher(Path.of(System.getProperty("java.home")), Path.of(""), true);

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

    /** On a build server too it is skipped without a Java 25; {@code .ci/run} says so. */
    @Test
    @Tag("under-load")
    void oneBuildMayServeAnOlderJavaAndJava25() throws Exception {
        // Given
        Path java25 = java25();
        site.with("JAVA_OPTS", "");
        String archive = archive();
        Path root = site.path("");
        int exit = makeLauncher(java25, root, false);

        // When: each JVM is told to do without the bridge rather than without its archive
        site.with("JAVA_HOME", java25);
        BridgeJvm newer = site.startLauncher("-XX:AOTMode=on").awaitReady();
        int accepted = site.post(BridgeSite.PATH, new EventFactory().validEvent().json()).statusCode();
        newer.terminate();
        int stopped = newer.awaitExit(STOP);
        site.with("JAVA_HOME", System.getProperty("java.home"));
        BridgeJvm own = site.startLauncher(mustUse(archive)).awaitReady();

        // Then
        assertThat(exit).isZero();
        assertThat(site.read("target/cxone-routing-bridge-25.options")).contains("# Made by the build with Java 2");
        assertThat(firstLine(newer)).as("the bridge's own line, and none of the JVM's").contains(" INFO ");
        assertThat(accepted).isEqualTo(200);
        assertThat(stopped).isZero();
        assertThat(firstLine(own)).as("the bridge's own line, and none of the JVM's").contains(" INFO ");
    }

    /** The Java 25 that {@code JAVA25_HOME} names, beside an older one that runs this. */
    private static Path java25() {
        assumeThat(Runtime.version().feature()).as("the Java that runs this, which the other tests try").isLessThan(25);
        String home = System.getenv("JAVA25_HOME");
        assumeThat(home).as("JAVA25_HOME, the home of a Java 25").isNotBlank();
        return Path.of(home);
    }

    private static int makeLauncher(Path java, Path root, boolean skip) throws Exception {
        return new ProcessBuilder(java.resolve("bin/java").toString(), "-Dtraining.skip=" + skip,
                "-cp", Path.of("target/make-launcher").toAbsolutePath().toString(), "MakeLauncher",
                Path.of("src/main/launcher").toAbsolutePath().toString())
                .directory(root.toAbsolutePath().toFile()).inheritIO().start().waitFor();
    }

    private static String mustUse(String archive) {
        return archive.endsWith(".aot") ? "-XX:AOTMode=on" : "-Xshare:on";
    }

    private String archive() throws Exception {
        assumeThat(System.getProperty("training.java", System.getProperty("java.home")))
                .as("the Java that the build made an archive for").isEqualTo(System.getProperty("java.home"));
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

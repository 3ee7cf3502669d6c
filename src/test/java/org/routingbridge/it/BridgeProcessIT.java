package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** The packaged jar as a process, as an operator meets it (contract, section 1). */
class BridgeProcessIT {

    /** Whether what can be had together has a case of its own, by {@code -Dprocesses.each}. */
    private static final boolean EACH = Boolean.getBoolean("processes.each");
    private static final Duration STOP = Duration.ofSeconds(10);
    /** That a body may take. */
    private static final Duration LONGEST_BODY = Duration.ofSeconds(10);

    private final BridgeSite site = new BridgeSite();
    private final EventFactory events = new EventFactory();

    @AfterEach
    void close() {
        site.close();
    }

    @Test
    void theLogIsLinesOfJsonWhereThatIsAskedFor() throws Exception {
        // Given
        site.with("BRIDGE_LOG_FORMAT", "json").with("BRIDGE_DELIVERY_MODE", "queued");
        site.bus().faults().always(Fault.ACCESS_DENIED);

        // When
        BridgeJvm bridge = site.start().awaitReady();
        site.post(BridgeSite.PATH, events.validEvent().json());
        await().until(() -> site.manage("/observe/health/ready").statusCode() == 503);
        bridge.terminate();
        bridge.awaitExit(STOP);

        // Then
        List<JsonNode> lines = new ArrayList<>();
        for (String line : bridge.output().lines().toList()) {
            lines.add(new JsonMapper().readTree(line));
        }
        assertThat(lines).hasSizeGreaterThan(1).allSatisfy(line -> {
            assertThat(Instant.parse(line.path("@timestamp").asText())).isBefore(Instant.now());
            assertThat(line.path("log.level").asText()).isIn("INFO", "WARN", "ERROR");
            assertThat(line.path("log.logger").asText()).isNotBlank();
            assertThat(line.path("message").asText()).isNotBlank();
        });
        assertThat(lines).extracting(line -> line.path("message").asText())
                .anyMatch(message -> message.startsWith("Bridge ready port="));
    }

    @Test
    void ofAThousandEventsFromManySendersTheBusHoldsExactlyThoseAccepted() throws Exception {
        // Given
        BridgeJvm bridge = site.start().awaitReady();
        assertThat(site.manage("/observe/health/ready").statusCode()).isEqualTo(200);
        await().untilAsserted(() -> assertThat(site.cxone().webhooks()).hasSize(1));
        SampleEvent alone = events.validEvent();
        assertThat(site.post(BridgeSite.PATH, alone.json()).body())
                .contains("\"status\":\"processed\"", "\"eventId\":\"" + alone.id() + "\"");
        assertThat(site.bus().timesDelivered(alone.id())).isEqualTo(1);
        site.bus().clear();
        List<SampleEvent> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(i % 20 == 7 ? events.invalidEvent() : events.validEvent());
        }
        Map<String, Integer> answers = new ConcurrentHashMap<>();

        // When
        ExecutorService senders = Executors.newFixedThreadPool(16);
        List<Future<?>> sent = new ArrayList<>();
        for (SampleEvent event : all) {
            sent.add(senders.submit(() -> answers.put(event.id(),
                    site.post(BridgeSite.PATH, event.json()).statusCode())));
        }
        for (Future<?> one : sent) {
            one.get(60, TimeUnit.SECONDS);
        }
        senders.shutdown();

        // Then
        Set<String> accepted = BridgeSite.accepted(answers);
        assertThat(accepted).hasSize(950);
        assertThat(answers.values()).isSubsetOf(200, 202, 400);
        await().untilAsserted(() -> assertThat(site.bus().timesDelivered()).containsOnlyKeys(accepted));
        assertThat(site.bus().timesDelivered().values()).containsOnly(1);
        bridge.terminate();
        assertThat(bridge.awaitExit(STOP)).isZero();
        assertThat(site.everythingWritten()).contains("SUCCESS").doesNotContain(BridgeSite.WEBHOOK_SECRET,
                BridgeSite.CLIENT_SECRET);
    }

    /**
     * How many of a hundred large events come without a length. The short form has both kinds meet, half as many in
     * half of the heap.
     */
    static IntStream chunkedOfHundred() {
        return EACH ? IntStream.of(0, 50, 100) : IntStream.of(50);
    }

    @ParameterizedTest
    @MethodSource("chunkedOfHundred")
    void moreLargeEventsAtOnceThanMemoryHoldsAreLeftWithTheirSenders(int chunkedOfHundred) throws Exception {
        // Given
        int senders = EACH ? 800 : 400;
        String filler = "\"routingContext\":{\"note\":\"" + "x".repeat(250_000) + "\",";
        BridgeJvm bridge = (EACH ? site.start() : site.start("-Xmx192m")).awaitReady();
        site.bus().latency(Duration.ofMillis(500));
        Map<String, Integer> answers = new ConcurrentHashMap<>();

        // When
        ExecutorService threads = Executors.newFixedThreadPool(senders);
        List<Future<?>> sent = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
            SampleEvent event = events.validEvent();
            boolean chunked = i % 100 < chunkedOfHundred;
            sent.add(threads.submit(() -> {
                String json = event.json().replace("\"routingContext\":{", filler);
                long began = System.nanoTime();
                try {
                    answers.put(event.id(), (chunked ? site.postChunked(BridgeSite.PATH, json)
                            : site.post(BridgeSite.PATH, json)).statusCode());
                } catch (IOException e) {
                    // an answer is lost where its sender is still sending when the connection is closed
                    if (System.nanoTime() - began < LONGEST_BODY.toNanos()) {
                        throw e;
                    }
                    answers.put(event.id(), 408);
                }
                return null;
            }));
        }
        for (Future<?> one : sent) {
            one.get(60, TimeUnit.SECONDS);
        }
        threads.shutdown();

        // Then
        assertThat(bridge.isAlive()).isTrue();
        assertThat(answers.values()).containsAnyOf(200, 202).isSubsetOf(200, 202, 408, 503);
        site.bus().latency(Duration.ZERO);
        // what is in the outbox goes out at the pace of the machine
        await().atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(site.bus().timesDelivered().keySet())
                        .containsAll(BridgeSite.accepted(answers)));
        // the last answer of EventBridge may still be on its way to the bridge
        await().until(() -> site.manage("/ops/accounting").body().contains("\"pending\":0"));
        // calls that took too long on a busy machine may count as an outage for a while
        await().until(() -> site.post(BridgeSite.PATH, events.validEvent().json()).statusCode() == 200);
    }

    @Test
    void nothingIsLeftOutsideItsDirectoriesWhenItIsKilled() throws Exception {
        // Given
        Path temporary = Files.createDirectory(site.path("temporary"));
        BridgeJvm bridge = site.start("-Djava.io.tmpdir=" + temporary).awaitReady();
        assertThat(site.post(BridgeSite.PATH, events.validEvent().json()).statusCode()).isEqualTo(200);
        assertThat(site.manage("/ops/accounting").statusCode()).isEqualTo(200);

        // When
        bridge.kill();
        bridge.awaitExit(STOP);

        // Then
        assertThat(temporary).isEmptyDirectory();
        assertThat(Path.of("/tmp", "hsperfdata_" + System.getProperty("user.name"), Long.toString(bridge.pid())))
                .doesNotExist();
        try (Stream<Path> files = Files.list(site.path(""))) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.startsWith("output")))
                    .containsExactlyInAnyOrder("application.properties", "routes", "target", "temporary", "data",
                            "logs");
        }
        assertThat(bridge.output()).doesNotContain("WARN");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whereMachineCodeMayNotBeExecutedItSaysSoAndRuns() throws Exception {
        // Given
        Path forbidden = Files.createDirectory(site.path("forbidden"));
        assumeThat(new ProcessBuilder("unshare", "--mount", "true").start().waitFor())
                .as("whether this user may mount").isZero();

        // When
        BridgeJvm bridge = site.startIn(List.of("unshare", "--mount", "sh", "-c",
                "mount -t tmpfs -o noexec tmpfs forbidden && exec \"$@\"", "sh"),
                "-Dbridge.data.dir=forbidden/data").awaitReady();

        // Then
        assertThat(site.post(BridgeSite.PATH, events.validEvent().json()).statusCode()).isEqualTo(200);
        assertThat(bridge.output().lines().filter(line -> line.contains("noexec"))).singleElement().asString()
                .contains("WARN", "-Dio.netty.native.workdir", "directory=" + forbidden.resolve("data/native"));
        assertThat(bridge.output()).contains("needs a directory in which machine code may be executed")
                .doesNotContain("\tat ");
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void nobodyButItsUserCanReadWhatItKeeps() throws Exception {
        // Given
        Path former = Files.createDirectories(site.path("data/rejected")).resolve("000000000001.json");
        Files.writeString(former, "{}");
        Path rolled = Files.createDirectories(site.path("logs")).resolve("audit-2026-01-01-1.jsonl.gz");
        Files.createFile(rolled);
        for (Path open : List.of(site.path("data"), former.getParent(), former, site.path("logs"), rolled)) {
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        }

        // When
        BridgeJvm bridge = site.startLauncher().awaitReady();
        assertThat(site.post(BridgeSite.PATH, events.validEvent().json()).statusCode()).isEqualTo(200);
        bridge.terminate();
        bridge.awaitExit(STOP);

        // Then
        try (Stream<Path> data = Files.walk(site.path("data")); Stream<Path> logs = Files.walk(site.path("logs"))) {
            Stream<Path> all = Stream.concat(data, logs);
            assertThat(all).hasSizeGreaterThan(6).allSatisfy(path ->
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------"));
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aDirectoryThatHoldsOtherThingsStaysAsOpenAsItIs() throws Exception {
        // Given
        Path logs = Files.createDirectories(site.path("logs"));
        Path others = Files.createFile(logs.resolve("syslog"));
        for (Path open : List.of(logs, others)) {
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        }

        // When
        site.start().awaitReady();

        // Then
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(logs))).isEqualTo("rwxr-xr-x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(others))).isEqualTo("rwxr-xr-x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(logs.resolve("audit.jsonl"))))
                .isEqualTo("rw-------");
    }
}

package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** The packaged jar as a process, as an operator meets it (contract, section 1). */
class BridgeProcessIT {

    private static final Duration REFUSAL = Duration.ofSeconds(20);
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final String PROPERTIES = "application.properties";

    private final BridgeSite site = new BridgeSite();
    private final EventFactory events = new EventFactory();

    @AfterEach
    void close() {
        site.close();
    }

    @Test
    void theWebhookAnswersOnceItIsReady() throws Exception {
        // Given
        SampleEvent event = events.validEvent();
        site.start().awaitReady();

        // When
        HttpResponse<String> reply = site.post(BridgeSite.PATH, event.json());

        // Then
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body()).contains("\"status\":\"processed\"", "\"eventId\":\"" + event.id() + "\"");
        assertThat(site.bus().timesDelivered(event.id())).isEqualTo(1);
        assertThat(site.manage("/observe/health/ready").statusCode()).isEqualTo(200);
        await().untilAsserted(() -> assertThat(site.cxone().webhooks()).hasSize(1));
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
    void aLogFormatThatIsNoneStopsTheStart() {
        // When
        BridgeJvm bridge = site.with("BRIDGE_LOG_FORMAT", "xml").start();

        // Then
        assertThat(bridge.awaitExit(REFUSAL)).isEqualTo(2);
        assertThat(bridge.output().lines()).singleElement().asString()
                .startsWith("BRIDGE_LOG_FORMAT (bridge.log.format): must be ").endsWith("example: json");
    }

    @Test
    void ofAThousandEventsFromManySendersTheBusHoldsExactlyThoseAccepted() throws Exception {
        // Given
        BridgeJvm bridge = site.start().awaitReady();
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
        Set<String> accepted = accepted(answers);
        assertThat(accepted).hasSize(950);
        assertThat(answers.values()).isSubsetOf(200, 202, 400);
        await().untilAsserted(() -> assertThat(site.bus().timesDelivered()).containsOnlyKeys(accepted));
        assertThat(site.bus().timesDelivered().values()).containsOnly(1);
        bridge.terminate();
        assertThat(bridge.awaitExit(STOP)).isZero();
        assertThat(site.everythingWritten()).contains("SUCCESS").doesNotContain(BridgeSite.WEBHOOK_SECRET,
                BridgeSite.CLIENT_SECRET);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void moreLargeEventsAtOnceThanMemoryHoldsAreLeftWithTheirSenders(boolean chunked) throws Exception {
        // Given
        int senders = 800;
        String filler = "\"routingContext\":{\"note\":\"" + "x".repeat(250_000) + "\",";
        BridgeJvm bridge = site.start().awaitReady();
        site.bus().latency(Duration.ofMillis(500));
        Map<String, Integer> answers = new ConcurrentHashMap<>();

        // When
        ExecutorService threads = Executors.newFixedThreadPool(senders);
        List<Future<?>> sent = new ArrayList<>();
        for (int i = 0; i < senders; i++) {
            SampleEvent event = events.validEvent();
            sent.add(threads.submit(() -> {
                String json = event.json().replace("\"routingContext\":{", filler);
                answers.put(event.id(), (chunked ? site.postChunked(BridgeSite.PATH, json)
                        : site.post(BridgeSite.PATH, json)).statusCode());
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
                        .containsAll(accepted(answers)));
        // the last answer of EventBridge may still be on its way to the bridge
        await().until(() -> site.manage("/ops/accounting").body().contains("\"pending\":0"));
        assertThat(site.post(BridgeSite.PATH, events.validEvent().json()).statusCode()).isEqualTo(200);
    }

    @Test
    void nothingAcceptedIsLostWhenItIsStoppedUnderLoad() throws Exception {
        // Given
        BridgeJvm bridge = site.start().awaitReady();
        site.bus().latency(Duration.ofMillis(50));
        Map<String, Integer> answers = new ConcurrentHashMap<>();
        AtomicInteger answered = new AtomicInteger();
        ExecutorService senders = Executors.newFixedThreadPool(12);
        for (int i = 0; i < 12; i++) {
            senders.submit(() -> {
                while (bridge.isAlive()) {
                    SampleEvent event = events.validEvent();
                    answers.put(event.id(), site.post(BridgeSite.PATH, event.json()).statusCode());
                    answered.incrementAndGet();
                }
                return null;
            });
        }
        await().until(() -> answered.get() > 300);

        // When
        bridge.terminate();

        // Then
        assertThat(bridge.awaitExit(STOP)).isZero();
        senders.shutdown();
        assertThat(senders.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(answers.values()).isSubsetOf(200, 202, 408, 503);
        // what was answered 202 is on disk, for the next process
        site.start().awaitReady();
        await().untilAsserted(() ->
                assertThat(site.bus().timesDelivered().keySet()).containsAll(accepted(answers)));
    }

    @Test
    void whatIsInTheOutboxWhenItIsKilledIsPublishedByTheNextProcess() throws Exception {
        // Given
        BridgeJvm killed = site.start().awaitReady();
        List<SampleEvent> waiting = postWhileEventBridgeIsAway(20);

        // When
        killed.kill();
        killed.awaitExit(STOP);
        site.bus().comeBack();
        site.start().awaitReady();

        // Then
        assertPublishedOnceAndRemembered(waiting);
    }

    @Test
    void whatHasLeftTheOutboxStaysGoneHoweverOftenItIsKilled() throws Exception {
        // Given
        BridgeJvm bridge = site.start().awaitReady();
        List<SampleEvent> waiting = postWhileEventBridgeIsAway(150);
        site.bus().comeBack();
        assertPublishedOnceAndRemembered(waiting);

        // When
        for (int kill = 0; kill < 2; kill++) {
            bridge.kill();
            bridge.awaitExit(STOP);
            bridge = site.start().awaitReady();
        }

        // Then
        assertPublishedOnceAndRemembered(waiting);
    }

    @Test
    void whatIsInTheOutboxWhenItIsStoppedIsPublishedByTheNextProcess() throws Exception {
        // Given
        BridgeJvm stopped = site.start().awaitReady();
        List<SampleEvent> waiting = postWhileEventBridgeIsAway(20);

        // When
        stopped.terminate();
        assertThat(stopped.awaitExit(STOP)).isZero();
        site.bus().comeBack();
        site.start().awaitReady();

        // Then
        assertPublishedOnceAndRemembered(waiting);
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

    private List<SampleEvent> postWhileEventBridgeIsAway(int count) throws Exception {
        site.bus().goAway();
        List<SampleEvent> waiting = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SampleEvent event = events.validEvent();
            HttpResponse<String> reply = site.post(BridgeSite.PATH, event.json());
            assertThat(reply.statusCode()).isEqualTo(202);
            assertThat(reply.body()).contains("\"status\":\"queued\"");
            waiting.add(event);
        }
        return waiting;
    }

    private void assertPublishedOnceAndRemembered(List<SampleEvent> waiting) throws Exception {
        String[] ids = waiting.stream().map(SampleEvent::id).toArray(String[]::new);
        await().untilAsserted(() -> assertThat(site.bus().timesDelivered()).containsOnlyKeys(ids));
        for (SampleEvent event : waiting) {
            assertThat(site.post(BridgeSite.PATH, event.json()).body()).contains("\"duplicate_skipped\"");
        }
        assertThat(site.bus().timesDelivered().values()).containsOnly(1);
        await().untilAsserted(() -> assertThat(site.manage("/ops/accounting").body())
                .contains("\"pending\":0", "\"balanced\":true"));
    }

    @Test
    void whileStoppingItFinishesWhatIsInFlightAndTurnsTheRestAway() throws Exception {
        // Given
        BridgeJvm bridge = site.start("-Dbridge.delivery.reply.budget=8s", "-Dbridge.eventbridge.timeout=8s")
                .awaitReady();
        SampleEvent inFlight = events.validEvent();
        try (Sender open = new Sender(site.port())) {
            assertThat(open.post(events.validEvent().json())).startsWith("HTTP/1.1 200 ");
            site.bus().latency(Duration.ofSeconds(3));
            int calls = site.bus().calls().size();
            CompletableFuture<Integer> outcome = CompletableFuture.supplyAsync(() -> status(inFlight));
            await().until(() -> site.bus().calls().size() > calls);

            // When
            bridge.terminate();

            // Then
            await().until(() -> isRefused(site.port()));
            assertThat(open.post(events.validEvent().json())).startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("\nConnection: close\n").containsIgnoringCase("\nRetry-After: ");
            assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo(200);
            assertThat(bridge.awaitExit(STOP)).isZero();
            assertThat(site.bus().timesDelivered(inFlight.id())).isEqualTo(1);
        }
    }

    @Test
    void toldToStopItIsNotReadyAtOnceAndServesUntilTheDelayHasPassed() throws Exception {
        // Given
        Duration delay = Duration.ofSeconds(3);
        BridgeJvm bridge = site.with("BRIDGE_SHUTDOWN_DELAY", delay.toSeconds() + "s").start().awaitReady();
        Queue<Answer> answers = new ConcurrentLinkedQueue<>();
        ExecutorService senders = Executors.newFixedThreadPool(8);
        for (int i = 0; i < 8; i++) {
            senders.submit(() -> {
                while (bridge.isAlive()) {
                    answers.add(new Answer(status(events.validEvent()), System.nanoTime()));
                }
            });
        }
        await().until(() -> answers.size() > 100);
        assertThat(site.manage("/observe/health/ready").statusCode()).isEqualTo(200);

        // When
        long told = System.nanoTime();
        bridge.terminate();

        // Then
        await().pollInterval(Duration.ofMillis(20)).atMost(delay.minusSeconds(1))
                .until(() -> site.manage("/observe/health/ready").statusCode() == 503);
        int answersBefore = answers.size();
        assertThat(site.manage("/observe/health/ready").body()).contains("\"reason\":\"The bridge was told to stop\"");
        assertThat(site.manage("/observe/health/live").statusCode()).isEqualTo(200);
        assertThat(bridge.awaitExit(STOP.plus(delay))).isZero();
        senders.shutdown();
        assertThat(senders.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        List<Answer> whileServing = answers.stream().filter(answer -> answer.at() - told < delay.toNanos()).toList();
        assertThat(whileServing).hasSizeGreaterThan(answersBefore)
                .allSatisfy(answer -> assertThat(answer.status()).isBetween(200, 299));
        assertThat(site.bus().timesDelivered().values()).containsOnly(1);
    }

    /**
     * To one post.
     *
     * @param status 0 where there was no answer
     * @param at     when it was there, in nanoseconds
     */
    private record Answer(int status, long at) {
    }

    @Test
    void missingSettingsAreNamedOneALineWithAnExample() {
        // Given
        site.withoutAny();

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertRefused(bridge,
                "WEBHOOK_SECRET (bridge.webhook.secret): is required",
                "AWS_REGION (bridge.aws.region): is required",
                "EVENTBUS_NAME (bridge.eventbridge.bus): is required",
                "CXONE_CLIENT_ID (bridge.cxone.client.id): is required",
                "CXONE_CLIENT_SECRET (bridge.cxone.client.secret): is required",
                "BRIDGE_PUBLIC_URL (bridge.public.url): is required");
    }

    @Test
    void anEmptyVariableIsAMissingOne() {
        // Given
        site.with("EVENTBUS_NAME", "").with("WEBHOOK_SECRET", "   ");

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertRefused(bridge, "WEBHOOK_SECRET (bridge.webhook.secret): is required",
                "EVENTBUS_NAME (bridge.eventbridge.bus): is required");
    }

    @Test
    void wrongSettingsAreNamedOneALineAndNeverQuoted() {
        // Given
        site.with("PORT", "seventy").with("WEBHOOK_SECRET", "too-short").with("BRIDGE_ORDERING_POLICY", "perhaps");

        // When
        BridgeJvm bridge = site.start("-Dbridge.eventbridge.timeout=soon");

        // Then
        assertRefused(bridge, "PORT (bridge.port): must be", "WEBHOOK_SECRET (bridge.webhook.secret): must be",
                "BRIDGE_EVENTBRIDGE_TIMEOUT (bridge.eventbridge.timeout): must be",
                "BRIDGE_ORDERING_POLICY (bridge.ordering.policy): must be");
        assertThat(bridge.output()).doesNotContain("too-short");
    }

    @Test
    void aSettingNobodyKnowsIsRefused() {
        // Given
        site.edit(PROPERTIES, text -> text + "\nbridge.retries=3\n");

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertRefused(bridge, "bridge.retries: is not a setting of the bridge");
    }

    @Test
    void aSystemPropertyGoesBeforeTheEnvironmentAndThatBeforeTheFile() {
        // Given
        site.bus().createBus("bus-of-the-command-line");
        site.edit(PROPERTIES, text -> text.replace("#bridge.eventbridge.bus=", "bridge.eventbridge.bus=bus-of-the-file")
                .replace("#bridge.aws.region=eu-central-1", "bridge.aws.region=eu-west-3")
                .replace("bridge.registration.enabled=true", "bridge.registration.enabled=false"));
        site.with("AWS_REGION", "eu-north-1");

        // When
        BridgeJvm bridge = site.start("-Dbridge.eventbridge.bus=bus-of-the-command-line").awaitReady();

        // Then
        assertThat(bridge.output()).contains("bus=bus-of-the-command-line", "region=eu-north-1", "registration=off");
    }

    @Test
    void aPortInUseIsSaidInOneLine() throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0)) {
            site.with("PORT", taken.getLocalPort());

            // When
            BridgeJvm bridge = site.start();

            // Then
            assertRefused(bridge, "PORT (bridge.port): port " + taken.getLocalPort());
        }
    }

    @Test
    void aManagementPortInUseIsSaidInOneLine() throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            site.with("MANAGEMENT_PORT", taken.getLocalPort());

            // When
            BridgeJvm bridge = site.start();

            // Then
            assertRefused(bridge, "MANAGEMENT_PORT (bridge.management.port)");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-host.invalid", "192.0.2.1", "not a host"})
    void aManagementHostThatIsNotThisMachinesIsBlamedItself(String host) {
        // Given
        site.with("BRIDGE_MANAGEMENT_HOST", host);

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertRefused(bridge, "BRIDGE_MANAGEMENT_HOST (bridge.management.host): ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BRIDGE_LOG_DIR", "BRIDGE_DATA_DIR"})
    void aDirectoryThatCannotBeWrittenToIsSaidInOneLine(String variable) {
        // Given
        site.with(variable, "application.properties/below-a-file");

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertRefused(bridge, variable + " (");
    }

    @Test
    void filesThatEditorsAndSystemsLeaveBesideTheRoutesAreNoRoutes() throws Exception {
        // Given
        for (String name : List.of("._publish-routing-events.camel.yaml", ".#operate.camel.yaml", "#operate.camel.yaml",
                "~operate.camel.yaml", "operate.camel.yaml~", ".operate.camel.yaml.swp", "#operate.camel.yaml#")) {
            site.write("routes/" + name, "\u0000\u0005\u0016\u0007 no route");
        }
        site.write("application.properties", "\uFEFFbridge.eventbridge.source=marked.source\n"
                + site.read("application.properties").replace("\nbridge.eventbridge.source=", "\n#"));
        site.with("BRIDGE_ORDERNG_POLICY", "flag");

        // When
        BridgeJvm bridge = site.start().awaitReady();

        // Then
        assertThat(site.post(BridgeSite.PATH, events.validEvent().json()).statusCode()).isEqualTo(200);
        assertThat(site.bus().delivered()).singleElement()
                .satisfies(entry -> assertThat(entry.source()).isEqualTo("marked.source"));
        assertThat(bridge.output().lines()).filteredOn(line -> line.startsWith("BRIDGE_ORDERNG_POLICY: "))
                .singleElement().asString().contains("BRIDGE_ORDERING_POLICY");
    }

    @Test
    void aSecondBridgeOnTheSameDataDirectoryDoesNotStart() throws Exception {
        // Given
        site.start().awaitReady();
        int port = site.port();
        site.with("PORT", freePort()).with("MANAGEMENT_PORT", freePort());

        // When
        BridgeJvm second = site.start();

        // Then
        assertRefused(second, "BRIDGE_DATA_DIR (bridge.data.dir): ");
        assertThat(second.output()).contains("is in use by another process");
        site.with("PORT", port);
        assertThat(site.post(BridgeSite.PATH, events.validEvent().json()).statusCode()).isEqualTo(200);
    }

    @Test
    void anEditedRouteAndPropertyCountAtTheNextStart() throws Exception {
        // Given
        SampleEvent event = events.validEvent();
        site.edit("routes/receive-routing-events.camel.yaml",
                text -> text.replace("path: " + BridgeSite.PATH, "path: /webhook/edited"));
        site.edit(PROPERTIES, text -> text.replace("source=nice.cxone.routing", "source=edited.source"));
        site.start().awaitReady();

        // When
        HttpResponse<String> reply = site.post("/webhook/edited", event.json());

        // Then
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(site.bus().delivered()).singleElement()
                .satisfies(entry -> assertThat(entry.source()).isEqualTo("edited.source"));
        assertThat(site.post(BridgeSite.PATH, event.json()).statusCode()).isEqualTo(404);
    }

    @Test
    void withoutItsPropertiesItSaysWhereToBeStarted() {
        // Given
        site.remove(PROPERTIES);

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertThat(bridge.awaitExit(REFUSAL)).isNotZero();
        assertThat(bridge.output().lines()).singleElement().asString()
                .contains(PROPERTIES, "start the bridge from the project's root");
    }

    @Test
    void aMistakeInARouteFileIsSaidWithItsPlace() {
        // Given
        site.edit("routes/publish-routing-events.camel.yaml", text -> text.replace("- process:", "- proces:"));

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertThat(bridge.awaitExit(REFUSAL)).isNotZero();
        assertThat(bridge.output()).contains("publish-routing-events.camel.yaml", "proces").doesNotContain("\tat ");
    }

    /** Each line names a setting, says what is wrong and gives an example; nothing else is there. */
    private static void assertRefused(BridgeJvm bridge, String... beginnings) {
        assertThat(bridge.awaitExit(REFUSAL)).isNotZero();
        List<String> lines = bridge.output().lines().filter(line -> !line.contains(" INFO ")).toList();
        assertThat(lines).hasSameSizeAs(beginnings);
        for (String beginning : beginnings) {
            assertThat(lines).anySatisfy(line -> assertThat(line).startsWith(beginning));
        }
        assertThat(lines)
                .allSatisfy(line -> assertThat(line).containsAnyOf("; example: ", "see the table of settings"));
        assertThat(bridge.output()).doesNotContain("\tat ", "Exception", BridgeSite.WEBHOOK_SECRET,
                BridgeSite.CLIENT_SECRET);
    }

    private static Set<String> accepted(Map<String, Integer> answers) {
        return answers.entrySet().stream().filter(answer -> answer.getValue() / 100 == 2).map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private int status(SampleEvent event) {
        try {
            return site.post(BridgeSite.PATH, event.json()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static boolean isRefused(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** A sender that keeps its one connection, which no HTTP client can be told to. */
    private static final class Sender implements AutoCloseable {

        private final Socket socket;
        private final BufferedReader reader;

        Sender(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(15_000);
            reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        }

        /** The reply's head, a line each, and its body. */
        String post(String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream().write(("POST " + BridgeSite.PATH + " HTTP/1.1\r\nHost: bridge\r\n"
                    + "Content-Type: application/json\r\nX-Webhook-Secret: " + BridgeSite.WEBHOOK_SECRET
                    + "\r\nContent-Length: " + bytes.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            StringBuilder reply = new StringBuilder();
            int length = 0;
            for (String line = reader.readLine(); line != null && !line.isEmpty(); line = reader.readLine()) {
                reply.append(line).append('\n');
                if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) {
                    length = Integer.parseInt(line.substring(15).strip());
                }
            }
            for (int i = 0; i < length; i++) {
                reply.append((char) reader.read());
            }
            return reply.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}

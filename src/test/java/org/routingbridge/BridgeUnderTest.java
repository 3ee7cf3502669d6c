package org.routingbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.apache.camel.spi.CliConnectorFactory;
import org.apache.camel.spi.InterceptStrategy;
import org.routingbridge.simulator.CxoneSimulator;
import org.routingbridge.simulator.DataLakeSimulator;
import org.routingbridge.simulator.EventBridgeSimulator;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.FreePorts;
import org.routingbridge.simulator.SampleEvent;

/**
 * The bridge with its real routes, properties and server in this JVM, between the three simulators, as a test meets it:
 * over HTTP in front, by what the simulators received behind. Settings are given as system properties, which the bridge
 * reads first; so one is started at a time in a JVM, and another beside it only by {@link #another()}.
 *
 * <p>Registration is off and the data lake on unless told otherwise, and the outbox is tried twice a second. What a
 * test leaves in the outbox and in the simulators is gone after {@link #calm()}, so that a class can share one bridge.
 */
public final class BridgeUnderTest implements AutoCloseable {

    /** The secret that the webhook asks for. */
    public static final String SECRET = "the-secret-of-the-webhook-under-test";
    /** The bus that exists. */
    public static final String BUS = "bus-under-test";
    /** Where the webhook is. */
    public static final String PATH = "/webhook/routing-events";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();
    private static final AtomicReference<BridgeUnderTest> RUNNING = new AtomicReference<>();

    private final EventBridgeSimulator bus;
    private final CxoneSimulator cxone;
    private final DataLakeSimulator dataLake;
    private final BridgeUnderTest first;
    private final EventFactory events = new EventFactory();
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Path directory = Path.of("target", "bridges-under-test", UUID.randomUUID().toString());
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
    private final EventLoopGuard eventLoops = new EventLoopGuard();
    private final Map<String, Object> watchers = new LinkedHashMap<>();
    private Path routes = Path.of("routes");
    private Main main;
    private CompletableFuture<Void> ended;
    private long enteredBefore;

    /** With the simulators running and the bridge not yet: {@link #with} first, then {@link #start()}. */
    public BridgeUnderTest() {
        first = null;
        bus = new EventBridgeSimulator();
        cxone = new CxoneSimulator();
        dataLake = new DataLakeSimulator();
        bus.start();
        bus.createBus(BUS);
        cxone.start();
        dataLake.start();
        int[] ports = FreePorts.choose(2);
        with("bridge.port", ports[0]);
        with("bridge.management.port", ports[1]);
        with("bridge.webhook.secret", SECRET);
        with("bridge.aws.region", "eu-central-1");
        with("bridge.eventbridge.endpoint", bus.endpoint());
        with("bridge.eventbridge.bus", BUS);
        with("bridge.cxone.base.url", cxone.endpoint());
        with("bridge.cxone.client.id", cxone.clientId());
        with("bridge.cxone.client.secret", cxone.clientSecret());
        with("bridge.public.url", "https://bridge.example.com" + PATH);
        with("bridge.registration.enabled", false);
        with("bridge.outbox.retry.max.delay", "500ms");
        with("bridge.datalake.url", dataLake.endpoint() + "/routing-events");
        with("bridge.data.dir", directory.resolve("data"));
        with("bridge.log.dir", directory.resolve("logs"));
        with("aws.accessKeyId", EventBridgeSimulator.ACCESS_KEY_ID);
        with("aws.secretAccessKey", EventBridgeSimulator.SECRET_ACCESS_KEY);
    }

    private BridgeUnderTest(BridgeUnderTest first) {
        this.first = first;
        bus = first.bus;
        cxone = first.cxone;
        dataLake = first.dataLake;
        settings.putAll(first.settings);
        int[] ports = FreePorts.choose(2);
        with("bridge.port", ports[0]);
        with("bridge.management.port", ports[1]);
        with("bridge.data.dir", directory.resolve("data"));
        with("bridge.log.dir", directory.resolve("logs"));
    }

    /**
     * Another bridge between the same simulators, with the settings that this one has by now and ports and directories
     * of its own. It is started after this one and closed before it.
     */
    public BridgeUnderTest another() {
        return new BridgeUnderTest(this);
    }

    /** One setting, by its property's name; counts from the next start. */
    public BridgeUnderTest with(String property, Object value) {
        settings.put(property, value.toString());
        return this;
    }

    /** A setting that the bridge is not given. */
    public BridgeUnderTest without(String property) {
        settings.remove(property);
        return this;
    }

    /** With somebody who looks at every step of the routes. */
    public BridgeUnderTest withWatcher(InterceptStrategy watcher) {
        watchers.put("watcher" + watchers.size(), watcher);
        return this;
    }

    /**
     * With an edited copy of the shipped routes.
     *
     * @param file   one of them by name
     * @param before what stands there
     * @param after  what is to stand there in its place
     */
    public BridgeUnderTest withEdited(String file, String before, String after) {
        try {
            Path edited = copyOfRoutes().resolve(file);
            String text = Files.readString(edited);
            assertThat(text).containsOnlyOnce(before);
            Files.writeString(edited, text.replace(before, after));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With one more route file beside the shipped ones. */
    public BridgeUnderTest withAdded(String file, String text) {
        try {
            Files.writeString(copyOfRoutes().resolve(file), text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path copyOfRoutes() throws IOException {
        if (routes.getParent() == null) {
            Path copy = Files.createDirectories(directory.resolve("routes"));
            try (Stream<Path> shipped = Files.list(routes)) {
                for (Path one : shipped.toList()) {
                    Files.copy(one, copy.resolve(one.getFileName()));
                }
            }
            routes = copy;
        }
        return routes;
    }

    /** With its webhook to be registered at the CXone simulator. */
    public BridgeUnderTest withRegistration() {
        return with("bridge.registration.enabled", true);
    }

    /** Starts it as {@link BridgeApplication} does and returns once the webhook answers. */
    public BridgeUnderTest start() {
        if (first == null && !RUNNING.compareAndSet(null, this)) {
            throw new IllegalStateException("another bridge runs in this JVM; close that one first");
        }
        try {
            settings.forEach(System::setProperty);
            CompletableFuture<Void> started = new CompletableFuture<>();
            main = newMain(started);
            main.bind(BridgeStart.NAME, new BridgeStart());
            main.bind("eventLoopGuard", eventLoops);
            watchers.forEach(main::bind);
            ended = runInThread(main);
            ended.whenComplete((nothing, failure) -> started.completeExceptionally(
                    failure != null ? failure : new IllegalStateException("the bridge ended by itself")));
            finish(started, "start");
            return this;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Starts it with something wrong, and returns what a person is told of that. */
    public String startInVain() {
        try {
            start();
        } catch (IllegalStateException e) {
            return String.join("\n", BridgeApplication.Explanation.of(e.getCause(), main.getCamelContext(), routes)
                    .lines());
        }
        throw new AssertionError("the bridge started all the same");
    }

    private Main newMain(CompletableFuture<Void> started) {
        Main main = new Main();
        main.setDefaultPropertyPlaceholderLocation("file:application.properties");
        try {
            main.configure().setRoutesIncludePattern(BridgeApplication.routeFiles(routes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport support) {
                // Camel JBang, which is among the tests' libraries, takes all of a JVM for one and ends them together
                support.getCamelContext().getCamelContextExtension().getContextPlugin(CliConnectorFactory.class)
                        .setEnabled(false);
            }

            @Override
            public void afterStart(BaseMainSupport support) {
                started.complete(null);
            }
        });
        return main;
    }

    private static CompletableFuture<Void> runInThread(Main main) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                main.run();
                ended.complete(null);
            } catch (Exception | LinkageError e) {
                ended.completeExceptionally(e);
            }
        }, "bridge-under-test");
        thread.setDaemon(true);
        thread.start();
        return ended;
    }

    /** Stops the bridge alone and waits for its end, as SIGTERM does; the simulators go on. */
    public void stop() {
        if (first == null ? RUNNING.compareAndSet(this, null) : main != null && !ended.isDone()) {
            main.completed();
            try {
                finish(ended.exceptionally(failure -> null), "stop");
            } finally {
                // what the first one has as well it may read yet, such as AWS's credentials
                settings.keySet().stream().filter(key -> first == null || !first.settings.containsKey(key))
                        .forEach(System::clearProperty);
            }
            assertThat(eventLoops.caught()).as("steps that wait, on an event loop").isEmpty();
        }
    }

    /** Another bridge in the same place, with the same simulators: what is not on disk is forgotten. */
    public void restart() {
        stop();
        start();
    }

    /** Stops the bridge and the simulators. */
    @Override
    public void close() {
        try {
            stop();
        } finally {
            if (first == null) {
                bus.close();
                cxone.close();
                dataLake.close();
            }
        }
    }

    /** No more faults and trouble, nothing waits any more, and what the simulators received is forgotten. */
    public void calm() {
        bus.noStranger();
        bus.faults().none();
        bus.describeFaults().none();
        bus.latency(Duration.ZERO);
        bus.releaseHanging();
        cxone.tokenTrouble().none();
        cxone.webhookTrouble().none();
        cxone.releaseHanging();
        dataLake.trouble().none();
        dataLake.latency(Duration.ZERO);
        dataLake.releaseHanging();
        awaitEmptyOutbox();
        await("the data lake's queue").atMost(PATIENCE).until(() -> metric("bridge_datalake_pending") == 0);
        bus.clear();
        cxone.clearRequests();
        dataLake.clear();
    }

    /** Where something was in the outbox, events go straight to the bus again when this returns. */
    private void awaitEmptyOutbox() {
        if (entered() == enteredBefore) {
            return;
        }
        await("an empty outbox").atMost(PATIENCE).until(() -> pending() == 0);
        await("the way to the bus").atMost(PATIENCE).untilAsserted(() -> {
            SampleEvent event = newEvent();
            assertThat(post(event).outcome()).isEqualTo("200 processed");
            if (settings.containsKey("bridge.datalake.url")) {
                await().until(() -> dataLake.timesNotified(event.id()) == 1);
            }
        });
        enteredBefore = entered();
    }

    private long entered() {
        return accounting().at("/outbox/entered").asLong();
    }

    /** How many events wait in the outbox. */
    public long pending() {
        return accounting().at("/outbox/pending").asLong();
    }

    /** {@code GET /ops/accounting}. */
    public JsonNode accounting() {
        return manage("/ops/accounting").json();
    }

    /** {@code GET /ops/dead-letters}, those of one event: notifications have another id. */
    public List<JsonNode> deadLetters(String id) {
        List<JsonNode> found = new ArrayList<>();
        manage("/ops/dead-letters?limit=1000").json().forEach(letter -> {
            if (letter.path("id").asText().equals(id)) {
                found.add(letter);
            }
        });
        return found;
    }

    /** EventBridge. */
    public EventBridgeSimulator bus() {
        return bus;
    }

    /** CXone's administration. */
    public CxoneSimulator cxone() {
        return cxone;
    }

    /** The customer's data lake. */
    public DataLakeSimulator dataLake() {
        return dataLake;
    }

    /** A valid event of now in a queue of its own, that is tried twice, 100 ms apart. */
    public SampleEvent newEvent() {
        return events.validEvent(events.newId(), "queue-" + UUID.randomUUID(), Instant.now())
                .with("/retryDirective/maxAttempts", 2).with("/retryDirective/backoffMs", 100);
    }

    /** Posts with the right secret and {@code application/json}. */
    public Reply post(SampleEvent event) {
        return post(event.json());
    }

    /** Posts with the right secret and {@code application/json}. */
    public Reply post(String body) {
        return send(request().POST(BodyPublishers.ofString(body)));
    }

    /** Posts with the right secret and {@code application/json}. */
    public Reply post(byte[] body) {
        return send(request().POST(BodyPublishers.ofByteArray(body)));
    }

    /** Posts without waiting for the reply. */
    public CompletableFuture<Reply> postAsync(String body) {
        return client.sendAsync(request().POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString())
                .thenApply(BridgeUnderTest::reply);
    }

    /** A request to the webhook with the right secret and {@code application/json}, still without a method. */
    public HttpRequest.Builder request() {
        return HttpRequest.newBuilder(webhook())
                .timeout(PATIENCE)
                .header("X-Webhook-Secret", SECRET)
                .header("Content-Type", "application/json");
    }

    /** A request to the webhook's server without any header of ours. */
    public HttpRequest.Builder bareRequest(String pathAndQuery) {
        return HttpRequest.newBuilder(webhook().resolve(pathAndQuery)).timeout(PATIENCE);
    }

    /** Sends whatever it is. */
    public Reply send(HttpRequest.Builder request) {
        try {
            return reply(client.send(request.build(), BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A connection to the webhook on which anything can be said. */
    public RawConnection connect() {
        return new RawConnection(port());
    }

    /** A connection to the management port on which anything can be said. */
    public RawConnection connectToManagement() {
        return new RawConnection(managementPort());
    }

    /** The webhook's address. */
    public URI webhook() {
        return URI.create("http://127.0.0.1:" + port() + PATH);
    }

    /** The webhook's port. */
    public int port() {
        return Integer.parseInt(settings.get("bridge.port"));
    }

    /** A GET on the management port. */
    public Reply manage(String path) {
        return send(operation(path));
    }

    /** A request to the management port; a GET unless it is given another method. */
    public HttpRequest.Builder operation(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort() + path)).timeout(PATIENCE);
    }

    /** The management port. */
    public int managementPort() {
        return Integer.parseInt(settings.get("bridge.management.port"));
    }

    /** {@code /observe/health/ready}. */
    public Reply readiness() {
        return manage("/observe/health/ready");
    }

    /** {@code /observe/metrics} as it stands. */
    public String metrics() {
        return manage("/observe/metrics").body();
    }

    /** One sample of the metrics, such as {@code bridge_events_total{outcome="processed"}}; 0 where there is none. */
    public double metric(String sample) {
        return metrics().lines().filter(line -> line.startsWith(sample + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1))).findFirst().orElse(0);
    }

    /** The audit log's lines. */
    public List<JsonNode> auditLines() {
        Path file = directory.resolve("logs").resolve("audit.jsonl");
        List<JsonNode> lines = new ArrayList<>();
        try {
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file)) {
                    lines.add(JSON.readTree(line));
                }
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The audit log's lines of one event. */
    public List<JsonNode> auditLines(String eventId) {
        return auditLines().stream().filter(line -> line.path("eventId").asText().equals(eventId)).toList();
    }

    /** What the audit log says became of one event, in order: {@code FAILURE}, {@code SUCCESS} and so on. */
    public List<String> auditStatuses(String eventId) {
        return auditLines(eventId).stream().map(line -> line.path("status").asText()).toList();
    }

    /** Where data and logs are. */
    public Path directory() {
        return directory;
    }

    private static Reply reply(HttpResponse<String> response) {
        return Reply.of(response.statusCode(), response.headers().map(), response.body());
    }

    private static void finish(CompletableFuture<?> what, String doing) {
        try {
            what.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the bridge could not " + doing + ": " + e.getCause().getMessage(),
                    e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("the bridge took too long to " + doing, e);
        }
    }

    /**
     * What came back.
     *
     * @param headers by name, whose case does not matter
     * @param json    the body where it is JSON, else a missing node
     */
    public record Reply(int status, Map<String, List<String>> headers, String body, JsonNode json) {

        static Reply of(int status, Map<String, List<String>> headers, String body) {
            Map<String, List<String>> ignoringCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            ignoringCase.putAll(headers);
            return new Reply(status, ignoringCase, body, parse(body));
        }

        private static JsonNode parse(String body) {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                return JSON.missingNode();
            }
        }

        /** The first value of a header, null where it is absent. */
        public String header(String name) {
            return headers.containsKey(name) ? headers.get(name).get(0) : null;
        }

        /** {@code status} of a success, {@code error} of a refusal. */
        public String word() {
            return json.path("status").asText(json.path("error").asText());
        }

        /** Both in one, such as {@code 200 processed}. */
        public String outcome() {
            return status + " " + word();
        }

        @Override
        public String toString() {
            return status + " " + body;
        }
    }
}

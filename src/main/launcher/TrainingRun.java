import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A run of the bridge in this directory in which it does all that it can: every route, small and large events, at once
 * and through the outbox, what is refused, repeated, throttled, dead and put back, and what operators ask. Data and
 * logs are its own, and its neighbours pretended ones on loopback.
 */
final class TrainingRun {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** The JVM that ends writes what it has learnt, which on a busy machine takes long. */
    private static final Duration UNTIL_ENDED = Duration.ofMinutes(5);
    /** What a bridge without anything to do may still have; the run does not fail for it. */
    private static final Duration UNTIL_DRAINED = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final String SECRET = UUID.randomUUID().toString();
    private static final int SENDERS = 16;
    private static final int SMALL = 600;
    private static final int LARGE = 65_536;
    /** More than an entry holds, and less than the webhook takes. */
    private static final int OVERSIZE = 290_000;

    private final List<String> command;
    private final Path directory;
    private final Path output;
    private final Amounts amounts;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger keys = new AtomicInteger();
    private final int port;
    private final int managementPort;

    /**
     * How many events of each kind.
     *
     * @param small    of 600 bytes, the most common way
     * @param large    of 64 KB
     * @param oversize that are trimmed
     * @param parked   while EventBridge is away
     * @param odd      of every other kind
     */
    record Amounts(int small, int large, int oversize, int parked, int odd) {
    }

    /**
     * @param command   starts the bridge in this directory
     * @param directory for what it writes, made and removed
     * @param output    for what it says
     */
    TrainingRun(List<String> command, Path directory, Path output, Amounts amounts) throws IOException {
        this.command = command;
        this.directory = directory;
        this.output = output;
        this.amounts = amounts;
        try (ServerSocket first = new ServerSocket(0); ServerSocket second = new ServerSocket(0)) {
            port = first.getLocalPort();
            managementPort = second.getLocalPort();
        }
    }

    /**
     * Runs it to its end.
     *
     * @throws IllegalStateException where the bridge does other than it should
     */
    void run() throws Exception {
        delete(directory);
        Files.createDirectories(directory);
        try (Neighbours neighbours = new Neighbours()) {
            Process bridge = start(neighbours.url());
            try {
                awaitReady(bridge);
                send(neighbours);
                operate();
                await("webhook registered", neighbours::registered);
                bridge.destroy();
                if (!bridge.waitFor(UNTIL_ENDED.toSeconds(), TimeUnit.SECONDS) || bridge.exitValue() != 0) {
                    throw new IllegalStateException("the training run did not end as asked");
                }
            } finally {
                bridge.destroyForcibly().waitFor();
            }
        } finally {
            delete(directory);
        }
    }

    /** With settings for everything that could lead out of this machine, since they go before the properties file. */
    private Process start(String neighbours) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().keySet().retainAll(List.of("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "SystemRoot"));
        builder.environment().putAll(Map.ofEntries(
                Map.entry("MALLOC_ARENA_MAX", "2"),
                Map.entry("PORT", Integer.toString(port)),
                Map.entry("MANAGEMENT_PORT", Integer.toString(managementPort)),
                Map.entry("BRIDGE_MANAGEMENT_HOST", "127.0.0.1"),
                Map.entry("WEBHOOK_SECRET", SECRET),
                Map.entry("WEBHOOK_HMAC_SECRET", SECRET),
                Map.entry("AWS_REGION", "eu-central-1"),
                Map.entry("AWS_ACCESS_KEY_ID", "training"),
                Map.entry("AWS_SECRET_ACCESS_KEY", "training"),
                Map.entry("AWS_ENDPOINT_URL_EVENTBRIDGE", neighbours),
                Map.entry("EVENTBUS_NAME", "training"),
                Map.entry("DATA_LAKE_WEBHOOK_URL", neighbours + "/lake"),
                Map.entry("CXONE_CLIENT_ID", "training"),
                Map.entry("CXONE_CLIENT_SECRET", SECRET),
                Map.entry("CXONE_BASE_URL", neighbours),
                Map.entry("CXONE_TOKEN_URL", neighbours + "/oauth2/token"),
                Map.entry("BRIDGE_PUBLIC_URL", "https://training.invalid"),
                Map.entry("BRIDGE_REGISTRATION_ENABLED", "true"),
                Map.entry("BRIDGE_REGISTRATION_PERIOD", "1s"),
                Map.entry("BRIDGE_OUTBOX_RETRY_MAX_DELAY", "1s"),
                Map.entry("BRIDGE_DELIVERY_MODE", "direct"),
                Map.entry("BRIDGE_STORE_URL", "embedded"),
                Map.entry("BRIDGE_OVERSIZE_POLICY", "trim"),
                Map.entry("BRIDGE_ORDERING_POLICY", "reject"),
                Map.entry("BRIDGE_DATA_DIR", directory.resolve("data").toString()),
                Map.entry("BRIDGE_LOG_DIR", directory.resolve("logs").toString())));
        return builder.start();
    }

    private void awaitReady(Process bridge) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.readString(output, StandardCharsets.ISO_8859_1).contains("Bridge ready")) {
            if (bridge.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                throw new IllegalStateException("the training run did not become ready");
            }
        }
    }

    private void send(Neighbours neighbours) throws Exception {
        expect(post(SECRET, event(SMALL, "").json), 200);
        send(amounts.small, () -> event(SMALL, ""), 200);
        send(amounts.large, () -> event(LARGE, ""), 200);
        send(amounts.oversize, () -> event(OVERSIZE, ""), 200);
        send(amounts.odd, () -> event(SMALL, Neighbours.THROTTLED), 200, 202);
        send(amounts.odd, () -> event(SMALL, Neighbours.UNWANTED), 202);
        beRefused();
        neighbours.lakeAway(true);
        send(amounts.odd, () -> event(SMALL, ""), 200);
        neighbours.lakeAway(false);
        neighbours.busAway(true);
        send(amounts.parked, () -> event(SMALL, ""), 202);
        send(amounts.odd, () -> event(LARGE, ""), 202);
        neighbours.busAway(false);
        awaitDrained();
    }

    private void send(int count, Supplier<Event> events, Integer... statuses) throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try {
            AtomicInteger left = new AtomicInteger(count);
            Callable<Void> sender = () -> {
                while (left.getAndDecrement() > 0) {
                    expect(post(SECRET, events.get().json), statuses);
                }
                return null;
            };
            List<Callable<Void>> all = new ArrayList<>();
            for (int i = 0; i < Math.min(SENDERS, count); i++) {
                all.add(sender);
            }
            for (Future<Void> done : senders.invokeAll(all)) {
                done.get();
            }
        } finally {
            senders.shutdownNow();
        }
    }

    /** What the sender gets back, and what it repeats. */
    private void beRefused() throws Exception {
        for (int i = 0; i < amounts.odd; i++) {
            String twice = event(SMALL, "").json;
            expect(post(SECRET, twice), 200);
            expect(post(SECRET, twice), 200);
            expect(post("not-the-secret", twice), 401);
            expect(post(SECRET, "{\"id\":"), 400);
            expect(post(SECRET, event(SMALL, "").json.replace("\"waitTimeMs\": 12.5", "\"waitTimeMs\": true")), 400);
            Event late = event(SMALL, "");
            expect(post(SECRET, late.json.replace(late.timestamp, "2001-01-01T00:00:00.000Z")), 409);
        }
        expect(client.send(request(port, "/elsewhere").GET().build(), BodyHandlers.ofString()), 404);
        expect(client.send(request(port, "/webhook/routing-events").GET().build(), BodyHandlers.ofString()), 405);
        expect(client.send(webhook(SECRET, "{}").setHeader("Content-Type", "text/plain").build(),
                BodyHandlers.ofString()), 415);
        expect(post(SECRET, " ".repeat(400_000)), 413);
    }

    /** What operators, Prometheus and Kubernetes ask, and what is put back or thrown away. */
    private void operate() throws Exception {
        for (int i = 0; i < amounts.odd; i++) {
            for (String path : List.of("/observe/health", "/observe/health/live", "/observe/health/ready",
                    "/observe/metrics", "/ops", "/ops/accounting", "/ops/dead-letters?limit=20", "/ops/outbox",
                    "/ops/rejected?limit=20", "/ops/events?limit=20")) {
                expect(ask("GET", path, null), 200);
            }
        }
        Event event = event(SMALL, "");
        expect(post(SECRET, event.json), 200);
        expect(ask("GET", "/ops/events/" + event.id, null), 200);
        expect(ask("POST", "/ops/explain", event(SMALL, "").json), 200);
        Event late = event(SMALL, "");
        expect(post(SECRET, late.json.replace(late.timestamp, "2001-01-01T00:00:00.000Z")), 409);
        expect(ask("POST", "/ops/rejected/" + late.id + "/replay", ""), 202);
        Event dead = event(SMALL, Neighbours.UNWANTED);
        Event buried = event(SMALL, Neighbours.UNWANTED);
        expect(post(SECRET, dead.json), 202);
        expect(post(SECRET, buried.json), 202);
        expect(ask("POST", "/ops/dead-letters/" + dead.id + "/replay", ""), 202);
        expect(ask("DELETE", "/ops/dead-letters/" + buried.id, null), 204);
        expect(ask("POST", "/ops/dead-letters/replay?reason=MalformedDetail", ""), 202);
        awaitDrained();
    }

    /** Until nothing waits any more, or for as long as that is worth. */
    private void awaitDrained() throws Exception {
        long deadline = System.nanoTime() + UNTIL_DRAINED.toNanos();
        while (!ask("GET", "/ops/accounting", null).body().replace(" ", "").contains("\"pending\":0")
                && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
        }
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not so in time: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
        }
    }

    private static void expect(HttpResponse<String> reply, Integer... statuses) {
        if (!List.of(statuses).contains(reply.statusCode())) {
            throw new IllegalStateException(reply.request().method() + " " + reply.request().uri().getPath()
                    + " answered " + reply.statusCode() + " in place of " + List.of(statuses) + " " + reply.body());
        }
    }

    private HttpResponse<String> post(String secret, String body) throws Exception {
        return client.send(webhook(secret, body).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder webhook(String secret, String body) throws GeneralSecurityException {
        return request(port, "/webhook/routing-events")
                .setHeader("Content-Type", "application/json")
                .header("X-Webhook-Secret", secret)
                .header("X-Webhook-Signature", "sha256=" + signature(body))
                .POST(BodyPublishers.ofString(body));
    }

    /** @param body null for none */
    private HttpResponse<String> ask(String method, String path, String body) throws IOException, InterruptedException {
        return client.send(request(managementPort, path).header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(PATIENCE);
    }

    private static String signature(String body) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    }

    private record Event(String id, String timestamp, String json) {
    }

    /**
     * @param bytes about so long
     * @param note  asks the neighbours to fail
     */
    private Event event(int bytes, String note) {
        String id = UUID.randomUUID().toString();
        String timestamp = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
        String stop = "{\"queueId\": \"queue-7\", \"priority\": 4, \"waited\": 12.5, \"left\": false, \"by\": null},\n";
        StringBuilder history = new StringBuilder();
        while (history.length() < bytes - SMALL) {
            history.append(stop);
        }
        return new Event(id, timestamp, String.format(Locale.ROOT, """
                {"id": "%s", "eventType": "routing:queue:member:added", "timestamp": "%s", "schemaVersion": "v1.0",
                 "routingContext": {"queueId": "queue-%d", "skillId": "skill-1", "agentId": "agent-1",
                   "waitTimeMs": 12.5, "skills": [{"skillId": "skill-1", "level": 4}, {"skillId": "skill-2"}],
                   "note": "caf\\u00e9 %s", "vip": true, "since": null, "history": [%s0]},
                 "retryDirective": {"maxAttempts": 3, "backoffMs": 100}}
                """, id, timestamp, keys.getAndIncrement() & 63, note, history));
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}

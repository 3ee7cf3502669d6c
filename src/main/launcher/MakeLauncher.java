import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
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
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Puts the launcher and its options beside the packaged jar, with an archive of the classes that a start and the first
 * events need, so that the next start finds them loaded and linked: a dynamic class-data archive on Java 17 to 24, an
 * ahead-of-time cache from 25 on. The archive comes from a training run of the bridge in this directory, between a
 * pretended EventBridge and data lake on loopback, with data and logs of its own. It serves the same JVM build only,
 * and the very files it was made from; with others the JVM starts as if there were none.
 *
 * <p>Run in the project's root by the JVM that will run the bridge, with one argument, the directory of this file. A
 * training run that fails leaves a launcher without an archive, and a warning. {@code -Dtraining.skip=true} makes none,
 * and leaves one that still fits.
 */
public final class MakeLauncher {

    private static final String NAME = "cxone-routing-bridge";
    private static final Path TARGET = Path.of("target");
    private static final Path JAR = TARGET.resolve(NAME + ".jar");
    private static final Path OPTIONS = TARGET.resolve(NAME + ".options");
    private static final Path DIRECTORY = TARGET.resolve("training");
    private static final Path OUTPUT = TARGET.resolve("training.log");
    private static final int FIRST_WITH_CACHE = 25;
    private static final String CACHE = ".aot";
    private static final String ARCHIVE = ".jsa";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration UNTIL_DRAINED = Duration.ofSeconds(3);
    private static final String SECRET = UUID.randomUUID().toString();
    private static final int SENDERS = 8;
    /** A cache holds profiles of what ran often too, an archive classes alone. */
    private static final int EVENTS_FOR_CACHE = 800;
    private static final int EVENTS_FOR_ARCHIVE = 80;

    private final boolean cache = Runtime.version().feature() >= FIRST_WITH_CACHE;
    private final Path archive = TARGET.resolve(NAME + (cache ? CACHE : ARCHIVE));
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger refusals = new AtomicInteger();

    private MakeLauncher() {
    }

    public static void main(String[] arguments) throws Exception {
        new MakeLauncher().make(Path.of(arguments[0]), Boolean.getBoolean("training.skip"));
        // the client's and the server's threads are of no more use
        System.exit(0);
    }

    private void make(Path sources, boolean skip) throws IOException {
        Path script = TARGET.resolve(NAME);
        Files.copy(sources.resolve(NAME), script, StandardCopyOption.REPLACE_EXISTING);
        if (Files.getFileAttributeView(script, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        String common = Files.readString(sources.resolve(NAME + ".options"));
        String complete = common + archiveOptions();
        if (isUpToDate(complete)) {
            return;
        }
        Files.writeString(OPTIONS, common);
        for (String kind : List.of(CACHE, ARCHIVE)) {
            Files.deleteIfExists(TARGET.resolve(NAME + kind));
        }
        if (skip) {
            return;
        }
        try {
            long begin = System.nanoTime();
            train();
            Files.writeString(OPTIONS, complete);
            if (new ProcessBuilder(java(), "@" + OPTIONS, "-version").redirectErrorStream(true)
                    .redirectOutput(OUTPUT.toFile()).start().waitFor() != 0) {
                throw new IllegalStateException("the JVM refuses its options");
            }
            System.out.printf(Locale.ROOT, "Archive of classes: %s, %d MB, made in %.1f s%n", archive,
                    Files.size(archive) >> 20, (System.nanoTime() - begin) / 1e9);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            Files.writeString(OPTIONS, common);
            Files.deleteIfExists(archive);
            System.out.println("[WARNING] There is no archive of classes, so that the bridge starts more slowly: "
                    + e.getMessage() + "; see " + OUTPUT);
        }
    }

    private String archiveOptions() {
        return "\n# Made by the build with Java " + System.getProperty("java.vm.version") + ", for that one; silent"
                + " where it does not fit.\n"
                + (cache ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + archive + "\n";
    }

    /** Whether the archive there is came from these options, this JVM and these files. */
    private boolean isUpToDate(String complete) throws IOException {
        if (!Files.exists(archive) || !Files.exists(OPTIONS) || !Files.readString(OPTIONS).equals(complete)) {
            return false;
        }
        FileTime made = Files.getLastModifiedTime(archive);
        try (Stream<Path> files = Stream.concat(Stream.of(JAR), Files.list(TARGET.resolve("lib")))) {
            for (Path file : files.toList()) {
                if (Files.getLastModifiedTime(file).compareTo(made) > 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private void train() throws Exception {
        delete(DIRECTORY);
        Files.createDirectories(DIRECTORY);
        HttpServer neighbours = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool();
        neighbours.setExecutor(threads);
        neighbours.createContext("/", this::answer);
        neighbours.start();
        int[] ports = freePorts();
        Process bridge = start(ports, "http://127.0.0.1:" + neighbours.getAddress().getPort());
        try {
            awaitReady(bridge);
            sendEvents(ports[0]);
            ask(ports[0], ports[1]);
            parkOne(ports[0], ports[1]);
            bridge.destroy();
            if (!bridge.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || bridge.exitValue() != 0) {
                throw new IllegalStateException("the training run did not end as asked");
            }
            if (!Files.exists(archive)) {
                throw new IllegalStateException("the JVM wrote none");
            }
        } finally {
            bridge.destroyForcibly().waitFor();
            neighbours.stop(0);
            threads.shutdownNow();
            delete(DIRECTORY);
        }
    }

    /** With settings for everything that could lead out of this machine, since they go before the properties file. */
    private Process start(int[] ports, String neighbours) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                java(), "@" + OPTIONS,
                (cache ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=") + archive));
        if (!cache) {
            // what is compiled is not archived, so that the cheapest compiler will do
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.addAll(List.of("-jar", JAR.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(OUTPUT.toFile());
        builder.environment().keySet().retainAll(List.of("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "SystemRoot"));
        builder.environment().putAll(Map.ofEntries(
                Map.entry("PORT", Integer.toString(ports[0])),
                Map.entry("MANAGEMENT_PORT", Integer.toString(ports[1])),
                Map.entry("BRIDGE_MANAGEMENT_HOST", "127.0.0.1"),
                Map.entry("WEBHOOK_SECRET", SECRET),
                Map.entry("WEBHOOK_HMAC_SECRET", SECRET),
                Map.entry("AWS_REGION", "eu-central-1"),
                Map.entry("AWS_ACCESS_KEY_ID", "training"),
                Map.entry("AWS_SECRET_ACCESS_KEY", "training"),
                Map.entry("AWS_ENDPOINT_URL_EVENTBRIDGE", neighbours),
                Map.entry("EVENTBUS_NAME", "training"),
                Map.entry("DATA_LAKE_WEBHOOK_URL", neighbours + "/lake"),
                Map.entry("BRIDGE_REGISTRATION_ENABLED", "false"),
                Map.entry("BRIDGE_DELIVERY_MODE", "direct"),
                Map.entry("BRIDGE_STORE_URL", "embedded"),
                Map.entry("BRIDGE_DATA_DIR", DIRECTORY.resolve("data").toString()),
                Map.entry("BRIDGE_LOG_DIR", DIRECTORY.resolve("logs").toString())));
        return builder.start();
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static void awaitReady(Process bridge) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.readString(OUTPUT, StandardCharsets.ISO_8859_1).contains("Bridge ready")) {
            if (bridge.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                throw new IllegalStateException("the training run did not become ready");
            }
        }
    }

    private void sendEvents(int port) throws Exception {
        expect(200, post(port, SECRET, event(3)));
        int events = cache ? EVENTS_FOR_CACHE : EVENTS_FOR_ARCHIVE;
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try {
            Callable<Void> sender = () -> {
                for (int i = 0; i < events / SENDERS; i++) {
                    expect(200, post(port, SECRET, event(3)));
                }
                return null;
            };
            for (Future<Void> done : senders.invokeAll(Collections.nCopies(SENDERS, sender))) {
                done.get();
            }
        } finally {
            senders.shutdownNow();
        }
    }

    /** What is refused, what is repeated, and what an operator asks. */
    private void ask(int port, int managementPort) throws Exception {
        String twice = event(3);
        expect(200, post(port, SECRET, twice));
        expect(200, post(port, SECRET, twice));
        expect(401, post(port, "not-the-secret", twice));
        expect(400, post(port, SECRET, "{\"id\":"));
        expect(400, post(port, SECRET, event(0)));
        for (String path : List.of("/observe/health", "/observe/health/live", "/observe/health/ready",
                "/observe/metrics", "/ops/accounting", "/ops/dead-letters", "/ops/rejected")) {
            expect(200, get(managementPort, path));
        }
    }

    /** The bus fails once, so that an event takes the way through the outbox. */
    private void parkOne(int port, int managementPort) throws Exception {
        refusals.set(1);
        expect(202, post(port, SECRET, event(1)));
        long deadline = System.nanoTime() + UNTIL_DRAINED.toNanos();
        while (!get(managementPort, "/ops/accounting").body().replace(" ", "").contains("\"pending\":0")
                && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static void expect(int status, HttpResponse<String> reply) {
        if (reply.statusCode() != status) {
            throw new IllegalStateException(reply.request().uri().getPath() + " answered " + reply.statusCode()
                    + " in place of " + status + " " + reply.body());
        }
    }

    private HttpResponse<String> post(int port, String secret, String body) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/webhook/routing-events"))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("X-Webhook-Secret", secret)
                .header("X-Webhook-Signature", "sha256=" + signature(body))
                .POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE).build(), BodyHandlers.ofString());
    }

    private static String signature(String body) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    }

    /** @param attempts 0 is not valid */
    private static String event(int attempts) {
        UUID id = UUID.randomUUID();
        return String.format(Locale.ROOT, """
                {"id": "%s", "eventType": "routing:queue:member:added", "timestamp": "%s", "schemaVersion": "v1.0",
                 "routingContext": {"queueId": "queue-%d", "skillId": "skill-1", "agentId": "agent-1",
                   "waitTimeMs": 12.5, "skills": [{"skillId": "skill-1", "level": 4}],
                   "note": "caf\\u00e9", "vip": true, "since": null},
                 "retryDirective": {"maxAttempts": %d, "backoffMs": 100}}
                """, id, Instant.now().truncatedTo(ChronoUnit.MILLIS), id.getLeastSignificantBits() & 7,
                attempts);
    }

    /** EventBridge and the data lake, who take everything but what {@link #refusals} says. */
    private void answer(HttpExchange request) throws IOException {
        try (request; InputStream body = request.getRequestBody()) {
            String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            String operation = String.valueOf(request.getRequestHeaders().getFirst("X-Amz-Target"));
            int status = 200;
            String reply = "{}";
            if (operation.endsWith(".PutEvents")) {
                if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    status = 503;
                    reply = "{\"__type\":\"ServiceUnavailable\",\"message\":\"training\"}";
                } else {
                    reply = "{\"FailedEntryCount\":0,\"Entries\":[" + String.join(",", Collections.nCopies(
                            text.split("\"Detail\":", -1).length - 1,
                            "{\"EventId\":\"" + UUID.randomUUID() + "\"}")) + "]}";
                }
            } else if (operation.endsWith(".DescribeEventBus")) {
                reply = "{\"Name\":\"training\","
                        + "\"Arn\":\"arn:aws:events:eu-central-1:123456789012:event-bus/training\"}";
            }
            byte[] bytes = reply.getBytes(StandardCharsets.UTF_8);
            request.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
            request.sendResponseHeaders(status, bytes.length);
            request.getResponseBody().write(bytes);
        }
    }

    private static int[] freePorts() throws IOException {
        try (ServerSocket first = new ServerSocket(0); ServerSocket second = new ServerSocket(0)) {
            return new int[] {first.getLocalPort(), second.getLocalPort()};
        }
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

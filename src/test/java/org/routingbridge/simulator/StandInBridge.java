package org.routingbridge.simulator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;

/**
 * A bridge for the sandbox's own tests: the least of one that keeps honest books, one event at a time. Its one argument
 * makes it err: {@code dies} before it is ready, {@code loses} every fifth event that it says is processed.
 */
final class StandInBridge {

    private static final Duration TOLERANCE = Duration.ofSeconds(10);
    private static final Duration SKEW = Duration.ofSeconds(60);
    private static final int MOST_BYTES = 262_144;

    private final HttpClient client = HttpClient.newHttpClient();
    private final EventBridgeClient eventBridge = EventBridgeClient.builder()
            .region(Region.of(env("AWS_REGION")))
            .endpointOverride(URI.create(env("AWS_ENDPOINT_URL_EVENTBRIDGE")))
            .credentialsProvider(EnvironmentVariableCredentialsProvider.create())
            .build();
    private final Path audit = Path.of(env("BRIDGE_LOG_DIR"), "audit.jsonl");
    private final Set<String> seen = new HashSet<>();
    private final Map<String, Instant> watermarks = new HashMap<>();
    private final boolean loses;
    private int published;

    private StandInBridge(boolean loses) {
        this.loses = loses;
    }

    public static void main(String[] arguments) throws Exception {
        String mistake = arguments.length > 0 ? arguments[0] : "";
        if (mistake.equals("dies")) {
            System.out.println("WEBHOOK_SECRET: too short");
            System.exit(1);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(0)));
        new StandInBridge(mistake.equals("loses")).start();
    }

    private void start() throws IOException, InterruptedException {
        Files.createDirectories(audit.getParent());
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(env("PORT"))), 0);
        server.setExecutor(Executors.newSingleThreadExecutor());
        server.createContext("/webhook/routing-events", this::receive);
        server.start();
        register();
        System.out.println("Bridge ready");
    }

    private void register() throws IOException, InterruptedException {
        String form = "grant_type=client_credentials&client_id=" + encode(env("CXONE_CLIENT_ID"))
                + "&client_secret=" + encode(env("CXONE_CLIENT_SECRET"))
                + "&scope=" + encode("webhook:read:write routing:read api:read");
        String token = Json.read(post(env("CXONE_BASE_URL") + "/oauth2/token", form,
                "Content-Type", "application/x-www-form-urlencoded")).path("access_token").asText();
        ObjectNode webhook = Json.object().put("name", "stand-in").put("targetUrl", env("BRIDGE_PUBLIC_URL"));
        webhook.putObject("targetHeaders").put("Content-Type", "application/json")
                .put("X-Webhook-Secret", env("WEBHOOK_SECRET"));
        post(env("CXONE_BASE_URL") + "/api/v2/webhooks", Json.text(webhook), "Authorization", "Bearer " + token);
    }

    private void receive(HttpExchange exchange) throws IOException {
        ObjectNode event = Json.readObject(exchange.getRequestBody().readAllBytes()).orElseThrow();
        String secret = exchange.getRequestHeaders().getFirst("X-Webhook-Secret");
        if (!env("WEBHOOK_SECRET").equals(secret)) {
            answer(exchange, 401, "error", "unauthorized", "The secret is wrong.");
            return;
        }
        String id = event.path("id").asText();
        for (String required : List.of("eventType", "timestamp", "routingContext", "retryDirective")) {
            if (!event.has(required)) {
                audit(id, "REJECTED");
                answer(exchange, 400, "error", "schema_violation", required + " is missing.");
                return;
            }
        }
        if (seen.contains(id)) {
            audit(id, "DUPLICATE");
            answer(exchange, 200, "status", "duplicate_skipped", "");
            return;
        }
        Instant timestamp = Instant.parse(event.path("timestamp").asText());
        String queue = event.at("/routingContext/queueId").asText();
        Instant watermark = watermarks.getOrDefault(queue, Instant.MIN);
        if (Json.bytes(event).length > MOST_BYTES) {
            audit(id, "REJECTED");
            answer(exchange, 413, "error", "entry_too_large", "The entry is too large.");
        } else if (timestamp.plus(TOLERANCE).isBefore(watermark)
                || timestamp.isAfter(Instant.now().plus(SKEW))) {
            audit(id, "REJECTED");
            answer(exchange, 409, "error", "ordering_violation", "The timestamp is out of order.");
        } else {
            publish(event, id, timestamp);
            seen.add(id);
            watermarks.merge(queue, timestamp, (a, b) -> a.isAfter(b) ? a : b);
            answer(exchange, 200, "status", "processed", "");
            notifyDataLake(id);
        }
    }

    private void publish(ObjectNode event, String id, Instant timestamp) throws IOException {
        published++;
        if (loses && published % 5 == 0) {
            return;
        }
        eventBridge.putEvents(request -> request.entries(PutEventsRequestEntry.builder()
                .eventBusName(env("EVENTBUS_NAME")).source("stand-in").time(timestamp)
                .detailType(event.path("eventType").asText()).detail(Json.text(event)).build()));
        audit(id, "SUCCESS");
    }

    private void notifyDataLake(String id) throws IOException {
        try {
            post(env("DATA_LAKE_WEBHOOK_URL"), Json.text(Json.object().put("eventId", id)),
                    "Content-Type", "application/json");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String post(String url, String body, String header, String value)
            throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(url)).header(header, value)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    private void audit(String id, String status) throws IOException {
        Files.writeString(audit, Json.text(Json.object().put("eventId", id).put("status", status)) + "\n",
                StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static void answer(HttpExchange exchange, int status, String member, String word, String message)
            throws IOException {
        byte[] body = Json.bytes(Json.object().put(member, word).put("message", message));
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String env(String name) {
        return System.getenv(name);
    }
}

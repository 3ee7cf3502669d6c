import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * EventBridge, CXone and a data lake on loopback, as far as a training run needs them: they take what is right, and
 * fail as the events themselves ask for, or all the time while they are told to be away.
 */
final class Neighbours implements AutoCloseable {

    /** An event that holds this is throttled at every other attempt. */
    static final String THROTTLED = "throttled";
    /** An event that holds this is refused for good. */
    static final String UNWANTED = "unwanted";

    private static final String WEBHOOKS = "/api/v2/webhooks";
    private static final String DETAIL = "\"Detail\":";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile boolean busAway;
    private volatile boolean lakeAway;
    private volatile boolean registered;

    Neighbours() throws IOException {
        // each answer is two writes, and the second would wait for an acknowledgement of the first, some 40 ms
        System.setProperty("sun.net.httpserver.nodelay", "true");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void busAway(boolean away) {
        busAway = away;
    }

    void lakeAway(boolean away) {
        lakeAway = away;
    }

    /** Whether CXone knows the webhook. */
    boolean registered() {
        return registered;
    }

    private record Answer(int status, String json) {
    }

    private void answer(HttpExchange request) throws IOException {
        try (request; InputStream body = request.getRequestBody()) {
            String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            String operation = String.valueOf(request.getRequestHeaders().getFirst("X-Amz-Target"));
            String path = request.getRequestURI().getPath();
            Answer answer = operation.endsWith(".PutEvents") ? put(text)
                    : operation.endsWith(".DescribeEventBus") ? new Answer(200, "{\"Name\":\"training\","
                            + "\"Arn\":\"arn:aws:events:eu-central-1:123456789012:event-bus/training\"}")
                    : path.startsWith("/oauth2/") ? new Answer(200,
                            "{\"access_token\":\"training\",\"token_type\":\"Bearer\",\"expires_in\":3600}")
                    : path.startsWith(WEBHOOKS) ? administer(request.getRequestMethod(), path)
                    : new Answer(lakeAway ? 503 : 200, "{}");
            byte[] bytes = answer.json.getBytes(StandardCharsets.UTF_8);
            request.getResponseHeaders().add("Content-Type",
                    operation.startsWith("AWSEvents.") ? "application/x-amz-json-1.1" : "application/json");
            request.sendResponseHeaders(answer.status, bytes.length);
            request.getResponseBody().write(bytes);
        }
    }

    private Answer put(String request) {
        if (busAway) {
            return new Answer(503, "{\"__type\":\"ServiceUnavailable\",\"message\":\"training\"}");
        }
        // what stands before the first is no event's
        String[] entries = request.split(DETAIL, -1);
        List<String> results = new ArrayList<>();
        int failed = 0;
        for (int i = 1; i < entries.length; i++) {
            String code = entries[i].contains(UNWANTED) ? "MalformedDetail"
                    : entries[i].contains(THROTTLED) && ThreadLocalRandom.current().nextBoolean()
                            ? "ThrottlingException" : null;
            failed += code == null ? 0 : 1;
            results.add(code == null ? "{\"EventId\":\"" + UUID.randomUUID() + "\"}"
                    : "{\"ErrorCode\":\"" + code + "\",\"ErrorMessage\":\"training\"}");
        }
        return new Answer(200, "{\"FailedEntryCount\":" + failed + ",\"Entries\":[" + String.join(",", results) + "]}");
    }

    /** It never has the webhook quite as it should be, so that every look leads to a change. */
    private Answer administer(String method, String path) {
        String webhook = "{\"id\":\"1\",\"name\":\"routing-event-bridge\",\"targetUrl\":\"http://training.invalid\"}";
        if (method.equals("POST") || method.equals("PUT")) {
            registered = true;
            return new Answer(method.equals("POST") ? 201 : 200, webhook);
        }
        return new Answer(200, !path.equals(WEBHOOKS) ? webhook : registered ? "[" + webhook + "]" : "[]");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

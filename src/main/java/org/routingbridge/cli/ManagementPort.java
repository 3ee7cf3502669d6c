package org.routingbridge.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import org.routingbridge.failure.FailureText;
import org.routingbridge.settings.ManagementAccess;
import org.routingbridge.settings.Settings;

/** The management port of a bridge that runs, as the settings name it (contract, section 8). */
final class ManagementPort {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int LARGEST_ANSWER = 16 * 1024 * 1024;
    private static final int UNAUTHORIZED = 401;
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE).proxy(HttpClient.Builder.NO_PROXY).build();
    private final ManagementAccess access;
    private final String origin;

    /**
     * @throws NoBridge where nothing has the name that the settings give
     */
    ManagementPort(ManagementAccess access) throws NoBridge {
        this.access = access;
        origin = "http://" + address(access.host()) + ":" + access.port();
    }

    /** The address itself, by which the bridge is always willing to be called. */
    private static String address(String host) throws NoBridge {
        try {
            InetAddress address = InetAddress.getByName(host);
            if (address.isAnyLocalAddress()) {
                return address instanceof Inet6Address ? "[::1]" : "127.0.0.1";
            }
            String text = address.getHostAddress();
            return address instanceof Inet6Address ? "[" + text.replaceFirst("%.*", "") + "]" : text;
        } catch (IOException e) {
            throw new NoBridge("No bridge can be asked: unknown host " + host, "correct "
                    + Settings.nameOf("bridge.management.host"));
        }
    }

    /**
     * An answer.
     *
     * @param body as text
     */
    record Answer(int status, String body) {

        /** As JSON; a missing node where it is none. */
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                return MissingNode.getInstance();
            }
        }
    }

    /**
     * @throws NoBridge where none answers
     */
    Answer get(String path, Map<String, String> query) throws NoBridge, InterruptedException {
        String text = query.entrySet().stream().map(part -> part.getKey() + "=" + encoded(part.getValue()))
                .collect(Collectors.joining("&"));
        return ask(HttpRequest.newBuilder(URI.create(origin + path + (text.isEmpty() ? "" : "?" + text))).GET());
    }

    /**
     * Posts JSON.
     *
     * @throws NoBridge where none answers
     */
    Answer post(String path, byte[] body) throws NoBridge, InterruptedException {
        return ask(HttpRequest.newBuilder(URI.create(origin + path)).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(body)));
    }

    private Answer ask(HttpRequest.Builder request) throws NoBridge, InterruptedException {
        if (access.token() != null) {
            request.header("Authorization", "Bearer " + access.token());
        }
        try {
            HttpResponse<InputStream> response = client.send(request.timeout(PATIENCE).build(),
                    BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                return new Answer(response.statusCode(),
                        new String(body.readNBytes(LARGEST_ANSWER), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new NoBridge("No bridge answers: " + FailureText.of(e, origin), "start the bridge, or name its"
                    + " port by " + Settings.nameOf("bridge.management.port"));
        }
    }

    /** Why what was asked for is not in the answer, and what to do about it. */
    NoBridge refusal(Answer answer) {
        JsonNode body = answer.json();
        String message = body.path("message").asText("");
        if (answer.status() == UNAUTHORIZED) {
            return new NoBridge("The bridge at " + origin + " asks for the operators' token", "set "
                    + Settings.nameOf("bridge.ops.token") + " to the one it has");
        }
        return new NoBridge("What answers at " + origin + " does not answer as a bridge does, but with status "
                + answer.status() + (message.isEmpty() ? "" : ": " + FailureText.fit(message)), "look at "
                + Settings.nameOf("bridge.management.port"));
    }

    /** As a part of a path or of a query. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}

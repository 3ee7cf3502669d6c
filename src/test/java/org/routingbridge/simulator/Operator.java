package org.routingbridge.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import com.fasterxml.jackson.databind.JsonNode;

/** Asks and does on a bridge's management port what an operator would. What cannot be asked is empty. */
final class Operator {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String DEAD_LETTERS = "/ops/dead-letters";

    private final String managementPort;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Operator(int managementPort) {
        this.managementPort = "http://127.0.0.1:" + managementPort;
    }

    /** How many requests with the secret the bridge has received, by its own books. */
    OptionalLong received() throws InterruptedException {
        return count("/received");
    }

    /** How many events wait in the outbox. */
    OptionalLong waiting() throws InterruptedException {
        return count("/outbox/pending");
    }

    private OptionalLong count(String pointer) throws InterruptedException {
        return ask("GET", "/ops/accounting").map(books -> OptionalLong.of(books.at(pointer).asLong()))
                .orElse(OptionalLong.empty());
    }

    /** The ids of the events among the dead letters. */
    List<String> deadLetters() throws InterruptedException {
        List<String> ids = new ArrayList<>();
        ask("GET", DEAD_LETTERS + "?limit=1000").ifPresent(list -> list.forEach(letter -> {
            if (letter.path("id").equals(letter.path("eventId"))) {
                ids.add(letter.path("id").asText());
            }
        }));
        return ids;
    }

    /** Puts a dead letter back; says whether the bridge has done so. */
    boolean replay(String id) throws InterruptedException {
        return ask("POST", replayPath(id)).isPresent();
    }

    /** What a person types for the same. */
    String replayCommand(String id) {
        return "curl -X POST " + managementPort + replayPath(id);
    }

    String deadLettersCommand() {
        return "curl " + managementPort + DEAD_LETTERS;
    }

    private static String replayPath(String id) {
        return DEAD_LETTERS + "/" + id + "/replay";
    }

    private Optional<JsonNode> ask(String method, String path) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(managementPort + path)).timeout(PATIENCE)
                .method(method, BodyPublishers.noBody()).build();
        try {
            HttpResponse<String> reply = client.send(request, BodyHandlers.ofString());
            return reply.statusCode() / 100 == 2 ? Optional.of(Json.read(reply.body())) : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

package org.routingbridge.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.event.Refusal;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** The OpenAPI document, held against the routes and against a bridge's real answers. */
class OpenApiTest {

    private static final String WEBHOOK = "POST " + BridgeUnderTest.PATH;
    /** What the management port serves that is no route. */
    private static final Set<String> NO_ROUTES = Set.of("GET /observe/health", "GET /observe/health/live",
            "GET /observe/health/ready", "GET /observe/metrics", "GET /ops");
    private static final String TOKEN = "the-token-of-the-operators";

    private final BridgeUnderTest bridge = new BridgeUnderTest();
    private final OpenApi openApi = new OpenApi();

    @AfterEach
    void close() {
        bridge.close();
    }

    private static Set<String> servedByRoutes() throws IOException {
        Set<String> served = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.toList()) {
                OpenApi.yaml(file).forEach(item -> {
                    JsonNode from = item.at("/route/from");
                    if (from.path("uri").asText().equals("platform-http")) {
                        Arrays.stream(from.at("/parameters/httpMethodRestrict").asText().split(","))
                                .forEach(method -> served.add(method + " " + from.at("/parameters/path").asText()));
                    }
                });
            }
        }
        return served;
    }

    @Test
    void whatIsServedIsDocumentedAndTheOtherWayRound() throws IOException {
        // When
        Set<String> served = servedByRoutes();

        // Then
        assertThat(served).hasSizeGreaterThan(12).contains(WEBHOOK);
        served.addAll(NO_ROUTES);
        assertThat(openApi.operations().keySet()).isEqualTo(served);
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        // When
        List<String> references = new ArrayList<>();
        openApi.visit((name, value) -> {
            if (name.equals("$ref")) {
                references.add(value.asText());
            }
        });

        // Then
        assertThat(openApi.document().path("openapi").asText()).startsWith("3.1.");
        assertThat(references).hasSizeGreaterThan(50).allSatisfy(reference -> {
            if (reference.startsWith("#")) {
                assertThat(openApi.at(reference).isMissingNode()).isFalse();
            } else {
                assertThat(OpenApi.DOCUMENT.resolveSibling(reference).normalize()).isRegularFile();
            }
        });
        Set<String> components = references.stream().filter(reference -> reference.startsWith("#"))
                .collect(Collectors.toCollection(TreeSet::new));
        for (String kind : List.of("schemas", "responses", "parameters")) {
            openApi.document().at("/components/" + kind).fieldNames()
                    .forEachRemaining(name -> assertThat(components).contains("#/components/" + kind + "/" + name));
        }
    }

    @Test
    void everyOperationHasANameOfItsOwnAndAnswers() {
        assertThat(openApi.operations().values()).extracting(operation -> operation.path("operationId").asText())
                .doesNotHaveDuplicates().doesNotContain("");
        assertThat(openApi.operations()).allSatisfy((name, operation) -> {
            assertThat(operation.path("summary").asText()).isNotEmpty();
            assertThat(operation.path("responses")).isNotEmpty();
            assertThat(name.contains("{id}"))
                    .isEqualTo(openApi.document().path("paths").path(name.split(" ")[1]).has("parameters"));
        });
    }

    @Test
    void everyExampleMatchesItsSchema() {
        // When
        List<JsonNode> withExample = new ArrayList<>();
        openApi.visit((name, value) -> {
            if (value.has("example") && value.has("schema")) {
                withExample.add(value);
            }
        });

        // Then
        assertThat(withExample).isNotEmpty().allSatisfy(media ->
                assertThat(openApi.violations(media.path("schema"), media.path("example"))).isEmpty());
    }

    @Test
    void everyWordOfARefusalIsThere() {
        // When
        List<String> codes = new ArrayList<>();
        openApi.document().at("/components/schemas/ErrorCode/enum").forEach(code -> codes.add(code.asText()));

        // Then
        assertThat(codes).containsAll(Arrays.stream(Refusal.values()).map(Refusal::code).toList());
    }

    @Test
    void anAnswerThatIsNotAsDocumentedIsFound() throws IOException {
        // Given
        JsonNode schema = openApi.document().at("/components/schemas/Accepted");
        JsonMapper json = new JsonMapper();

        // When
        String good = "{\"status\":\"queued\",\"eventId\":\"x\","
                + "\"idempotencyToken\":\"29e7d9b3-ac0e-5b72-92a4-0dd945f84671\"}";

        // Then
        assertThat(openApi.violations(schema, json.readTree(good))).isEmpty();
        for (String bad : List.of(good.replace("queued", "lost"), good.replace("eventId", "event"),
                good.replace("29e7", "no "), good.replace("}", ",\"more\":1}"))) {
            assertThat(openApi.violations(schema, json.readTree(bad))).as(bad).isNotEmpty();
        }
    }

    @Test
    void realAnswersAreAsDocumented() {
        // Given
        bridge.with("bridge.datalake.timeout", "1s").start();

        // When
        askTheWebhook();
        askOfEvents();
        askOfDeadLetters();
        askOfRejected();
        askOfWhatIsNoRoute();
        askWhatIsNotServed();

        // Then
        Set<String> successes = new TreeSet<>();
        openApi.operations().forEach((name, operation) -> operation.path("responses").fieldNames()
                .forEachRemaining(status -> {
                    if (status.startsWith("2")) {
                        successes.add(name + " " + status);
                    }
                }));
        assertThat(openApi.shown()).containsAll(successes);
    }

    @Test
    void theAnswersToWhoHasNoTokenAreAsDocumented() {
        // Given
        bridge.with("bridge.ops.token", TOKEN).start();

        // When
        List<String> open = new ArrayList<>();
        openApi.operations().keySet().stream().filter(name -> name.contains(" /ops/")).forEach(name -> {
            String[] parts = name.replace("{id}", "1").split(" ");
            Reply reply = bridge.send(bridge.operation(parts[1]).method(parts[0], BodyPublishers.noBody()));
            assertThat(openApi.assertDocumented(name, reply).status()).as(name).isEqualTo(401);
            if (!openApi.operations().get(name).path("security").has(0)) {
                open.add(name);
            }
        });

        // Then
        assertThat(open).isEmpty();
        openApi.assertDocumented("GET /ops/accounting", bridge.send(
                bridge.operation("/ops/accounting").header("Authorization", "Bearer " + TOKEN)));
    }

    private Reply webhook(String outcome, Reply reply) {
        assertThat(openApi.assertDocumented(WEBHOOK, reply).outcome()).isEqualTo(outcome);
        return reply;
    }

    private void askTheWebhook() {
        SampleEvent event = bridge.newEvent();
        webhook("200 processed", bridge.post(event));
        webhook("200 duplicate_skipped", bridge.post(event));
        webhook("400 malformed_json", bridge.post("{"));
        webhook("400 schema_violation", bridge.post(bridge.newEvent().without("/timestamp")));
        webhook("401 unauthorized", bridge.send(bridge.bareRequest(BridgeUnderTest.PATH)
                .POST(BodyPublishers.ofString(event.json()))));
        webhook("409 ordering_violation", bridge.post(bridge.newEvent()
                .with("/timestamp", Instant.now().plusSeconds(300).toString())));
        webhook("413 entry_too_large", bridge.post(new EventFactory().oversizeEvent()));
        webhook("413 payload_too_large", bridge.post("x".repeat(400_000)));
        webhook("415 unsupported_media_type", bridge.send(bridge.bareRequest(BridgeUnderTest.PATH)
                .header("X-Webhook-Secret", BridgeUnderTest.SECRET).header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString(event.json()))));
    }

    private Reply operate(String name, String pathAndQuery) {
        return openApi.assertDocumented(name, bridge.send(bridge.operation(pathAndQuery)
                .method(name.split(" ")[0], BodyPublishers.noBody())));
    }

    private Reply explain(String body) {
        return openApi.assertDocumented("POST /ops/explain", bridge.send(bridge.operation("/ops/explain")
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString(body))));
    }

    private void askOfEvents() {
        SampleEvent event = bridge.newEvent();
        bridge.post(event);
        await().until(() -> bridge.manage("/ops/events/" + event.id()).json().has("dataLake"));
        assertThat(operate("GET /ops/events/{id}", "/ops/events/" + event.id()).json().path("steps")).isNotEmpty();
        assertThat(operate("GET /ops/events", "/ops/events").json()).hasSizeGreaterThan(3);
        assertThat(operate("GET /ops/events", "/ops/events?limit=1&outcome=processed&id=" + event.id()).json())
                .hasSize(1);
        operate("GET /ops/events/{id}", "/ops/events/unheard-of");
        operate("GET /ops/events", "/ops/events?from=yesterday");
        operate("GET /ops/accounting", "/ops/accounting");
        assertThat(explain(bridge.newEvent().json()).json().path("entry")).isNotEmpty();
        assertThat(explain(event.json()).json().path("outcome").asText()).isEqualTo("duplicate_skipped");
        explain("{");
        explain("{}");
        explain(bridge.newEvent().with("/routingContext/history", Collections.nCopies(40_000, "abcd")).json());
        explain(new EventFactory().oversizeEvent().json());
    }

    private SampleEvent deadLetter() {
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 1, Fault.REFUSE_ENTRY);
        webhook("202 dead_lettered", bridge.post(event));
        return event;
    }

    private void askOfDeadLetters() {
        SampleEvent one = deadLetter();
        assertThat(operate("GET /ops/dead-letters", "/ops/dead-letters?limit=10").json()).hasSize(1);
        assertThat(operate("GET /ops/events/{id}", "/ops/events/" + one.id()).json().path("outcome").asText())
                .isEqualTo("dead_lettered");
        operate("POST /ops/dead-letters/replay", "/ops/dead-letters/replay?dryRun=true");
        operate("DELETE /ops/dead-letters", "/ops/dead-letters?dryRun=true");
        operate("POST /ops/dead-letters/{id}/replay", "/ops/dead-letters/" + one.id() + "/replay");
        operate("POST /ops/dead-letters/{id}/replay", "/ops/dead-letters/" + one.id() + "/replay");
        operate("DELETE /ops/dead-letters/{id}", "/ops/dead-letters/" + deadLetter().id());
        operate("DELETE /ops/dead-letters/{id}", "/ops/dead-letters/unheard-of");
        deadLetter();
        operate("POST /ops/dead-letters/replay", "/ops/dead-letters/replay");
        operate("DELETE /ops/dead-letters", "/ops/dead-letters");
        operate("DELETE /ops/dead-letters", "/ops/dead-letters?to=tomorrow");
        await().until(() -> bridge.pending() == 0);
        bridge.bus().goAway();
        webhook("202 queued", bridge.post(bridge.newEvent()));
        assertThat(operate("GET /ops/outbox", "/ops/outbox").json()).hasSize(1);
        operate("GET /ops/outbox", "/ops/outbox?limit=-1");
        bridge.bus().comeBack();
        await().until(() -> bridge.pending() == 0);
    }

    private void askOfRejected() {
        SampleEvent early = bridge.newEvent().with("/timestamp", Instant.now().plusSeconds(300).toString());
        bridge.post(early);
        assertThat(operate("GET /ops/rejected", "/ops/rejected").json()).isNotEmpty();
        operate("POST /ops/rejected/{id}/replay", "/ops/rejected/" + early.id() + "/replay");
        SampleEvent invalid = bridge.newEvent().without("/timestamp");
        bridge.post(invalid);
        operate("POST /ops/rejected/{id}/replay", "/ops/rejected/" + invalid.id() + "/replay");
        operate("POST /ops/rejected/{id}/replay", "/ops/rejected/unheard-of/replay");
        await().until(() -> bridge.pending() == 0);
    }

    private void askOfWhatIsNoRoute() {
        for (String operation : NO_ROUTES) {
            assertThat(operate(operation, operation.substring("GET ".length())).status()).isEqualTo(200);
        }
        openApi.assertDocumented("GET /observe/metrics", bridge.send(bridge.operation("/observe/metrics")
                .header("Accept", "application/openmetrics-text")));
        bridge.bus().faults().always(Fault.ACCESS_DENIED);
        webhook("202 queued", bridge.post(bridge.newEvent()));
        assertThat(operate("GET /observe/health/ready", "/observe/health/ready").status()).isEqualTo(503);
        bridge.bus().faults().none();
    }

    private void askWhatIsNotServed() {
        for (String name : openApi.operations().keySet()) {
            String path = name.split(" ")[1].replace("{id}", "1");
            if (!name.equals(WEBHOOK) && !name.startsWith("GET")) {
                Reply reply = bridge.send(bridge.operation(path).header("Origin", "http://elsewhere.example")
                        .method(name.split(" ")[0], BodyPublishers.noBody()));
                assertThat(openApi.assertDocumented(name, reply).status()).isEqualTo(403);
            }
        }
        JsonNode error = openApi.document().at("/components/schemas/Error");
        assertThat(openApi.violations(error, bridge.manage("/nothing").json())).isEmpty();
        assertThat(openApi.violations(error, bridge.send(bridge.bareRequest("/nothing")).json())).isEmpty();
        assertThat(openApi.violations(error, bridge.send(bridge.bareRequest(BridgeUnderTest.PATH)).json())).isEmpty();
    }
}

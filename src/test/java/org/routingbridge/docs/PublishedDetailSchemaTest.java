package org.routingbridge.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.SampleEvent;

/** The schema of what consumers get, held against what a bridge puts on the bus. */
class PublishedDetailSchemaTest {

    private static final Path DOCUMENT = Path.of("docs", "published-detail.schema.json");
    private static final Path SCHEMA_V1 = Path.of("src/main/resources/schema/routing-event-v1.json");
    private static final int LIMIT = 30_000;
    private static final JsonMapper JSON = new JsonMapper();

    private final BridgeUnderTest bridge = new BridgeUnderTest().with("bridge.ordering.policy", "flag")
            .with("bridge.eventbridge.max.entry.bytes", LIMIT);
    private JsonSchema schema;

    @BeforeEach
    void readSchema() throws IOException {
        schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(Files.readString(DOCUMENT),
                SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build());
    }

    @AfterEach
    void close() {
        bridge.close();
    }

    /** Posts the events to a bridge with an oversize policy, and says what is on the bus. */
    private List<ObjectNode> published(String oversizePolicy, SampleEvent... events) throws IOException {
        bridge.with("bridge.oversize.policy", oversizePolicy).start();
        for (SampleEvent event : events) {
            assertThat(bridge.post(event).outcome()).isEqualTo("200 processed");
        }
        List<ObjectNode> details = new ArrayList<>();
        for (var entry : bridge.bus().delivered()) {
            details.add((ObjectNode) JSON.readTree(entry.detail()));
        }
        return details;
    }

    private SampleEvent largeEvent() {
        return bridge.newEvent().with("/routingContext/history",
                Collections.nCopies(2000, Map.of("agent", "Zoë", "seconds", 12)));
    }

    private void assertSpoiled(JsonNode detail, Consumer<ObjectNode> spoiling) {
        ObjectNode spoiled = detail.deepCopy();
        spoiling.accept(spoiled);
        assertThat(schema.validate(spoiled)).as("%s", spoiled).isNotEmpty();
    }

    private static ObjectNode bridgeOf(ObjectNode detail) {
        return (ObjectNode) detail.path("bridge");
    }

    private void assertValid(List<ObjectNode> details) {
        assertThat(details).isNotEmpty().allSatisfy(detail -> {
            Set<ValidationMessage> wrong = schema.validate(detail);
            assertThat(wrong).as("%s", detail).isEmpty();
        });
    }

    @Test
    void plainLateAndFutureEventsMatch() throws IOException {
        // Given
        SampleEvent plain = bridge.newEvent();
        SampleEvent late = bridge.newEvent().with("/routingContext/queueId", plain.queueId())
                .with("/timestamp", Instant.now().minusSeconds(120).toString());
        SampleEvent future = bridge.newEvent().with("/timestamp", Instant.now().plusSeconds(300).toString());

        // When
        List<ObjectNode> details = published("reject", plain, late, future);

        // Then
        assertValid(details);
        assertThat(details).extracting(detail -> detail.at("/bridge/late").asBoolean(),
                        detail -> detail.at("/bridge/future").asBoolean())
                .containsExactly(tuple(false, false),
                        tuple(true, false),
                        tuple(false, true));
    }

    @Test
    void trimmedEventsMatch() throws IOException {
        // When
        List<ObjectNode> details = published("trim", largeEvent());

        // Then
        assertValid(details);
        assertThat(details).singleElement().satisfies(detail ->
                assertThat(detail.at("/bridge/trimmed/0").asText()).isEqualTo("/routingContext/history"));
        assertSpoiled(details.get(0), detail -> bridgeOf(detail).putArray("trimmed"));
        assertSpoiled(details.get(0), detail -> ((ArrayNode) bridgeOf(detail).path("trimmed")).add("/other/array"));
    }

    @Test
    void chunksMatch() throws IOException {
        // When
        List<ObjectNode> details = published("chunk", largeEvent());

        // Then
        assertValid(details);
        assertThat(details).hasSizeGreaterThan(2).allSatisfy(detail ->
                assertThat(detail.at("/bridge/chunk/count").asInt()).isEqualTo(details.size()));
        ObjectNode chunk = details.get(1);
        assertSpoiled(chunk, detail -> detail.putObject("retryDirective"));
        assertSpoiled(chunk, detail -> ((ObjectNode) detail.path("routingContext")).putArray("history"));
        for (String member : List.of("of", "index", "count", "data")) {
            assertSpoiled(chunk, detail -> ((ObjectNode) detail.at("/bridge/chunk")).remove(member));
        }
    }

    @Test
    void aSpoiledDetailDoesNotMatch() throws IOException {
        // When
        ObjectNode detail = published("reject", bridge.newEvent()).get(0);

        // Then
        assertValid(List.of(detail));
        for (String member : List.of("id", "eventType", "timestamp", "routingContext", "retryDirective", "bridge")) {
            assertSpoiled(detail, spoiled -> spoiled.remove(member));
        }
        assertSpoiled(detail, spoiled -> bridgeOf(spoiled).remove("idempotencyToken"));
        assertSpoiled(detail, spoiled -> bridgeOf(spoiled).remove("receivedAt"));
        assertSpoiled(detail, spoiled -> bridgeOf(spoiled).put("receivedAt", "yesterday"));
        assertSpoiled(detail, spoiled -> bridgeOf(spoiled).put("idempotencyToken", spoiled.path("id").asText()));
        assertSpoiled(detail, spoiled -> bridgeOf(spoiled).put("late", false));
        assertSpoiled(detail, spoiled -> bridgeOf(spoiled).put("unheardOf", 1));
    }

    @Test
    void whatIsReceivedIsDescribedAsInSchemaV1() throws IOException {
        // Given
        Map<String, JsonNode> received = properties(SCHEMA_V1);
        Map<String, JsonNode> published = properties(DOCUMENT);

        // When
        received.remove("bridge");
        published.remove("bridge");

        // Then
        assertThat(received).hasSizeGreaterThan(4);
        assertThat(published).isEqualTo(received);
    }

    /** Every property of a schema, without what is said for people. */
    private static Map<String, JsonNode> properties(Path file) throws IOException {
        Map<String, JsonNode> properties = new TreeMap<>();
        JSON.readTree(file.toFile()).path("properties").properties().forEach(property -> {
            if (property.getValue() instanceof ObjectNode node) {
                node.remove("description");
            }
            properties.put(property.getKey(), property.getValue());
        });
        return properties;
    }
}

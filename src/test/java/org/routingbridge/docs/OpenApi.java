package org.routingbridge.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import org.routingbridge.BridgeUnderTest.Reply;
import org.yaml.snakeyaml.Yaml;

/** {@code docs/openapi.yaml}, and what it says of an answer. */
final class OpenApi {

    static final Path DOCUMENT = Path.of("docs", "openapi.yaml");

    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");
    private static final JsonMapper JSON = new JsonMapper();

    private final JsonNode document = yaml(DOCUMENT);
    private final Set<String> shown = new TreeSet<>();

    static JsonNode yaml(Path file) {
        try {
            // by way of text, so that what is there by reference is there on its own
            return JSON.readTree(JSON.writeValueAsString(new Yaml().<Object>load(Files.readString(file))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode document() {
        return document;
    }

    /** Every operation by its method and path, such as {@code GET /ops/outbox}. */
    Map<String, JsonNode> operations() {
        Map<String, JsonNode> operations = new TreeMap<>();
        document.path("paths").properties().forEach(path -> path.getValue().properties().forEach(member -> {
            if (METHODS.contains(member.getKey())) {
                operations.put(member.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), member.getValue());
            }
        }));
        return operations;
    }

    /** Visits the members of all objects, with their names. */
    void visit(BiConsumer<String, JsonNode> visitor) {
        visit(document, visitor);
    }

    private static void visit(JsonNode node, BiConsumer<String, JsonNode> visitor) {
        node.properties().forEach(member -> {
            visitor.accept(member.getKey(), member.getValue());
            visit(member.getValue(), visitor);
        });
        if (node.isArray()) {
            node.forEach(element -> visit(element, visitor));
        }
    }

    /** What a reference in this document leads to; missing where nothing is there. */
    JsonNode at(String reference) {
        return reference.startsWith("#/") ? document.at(reference.substring(1)) : MissingNode.getInstance();
    }

    /** Holds an answer against what is said of it, and remembers that it was shown. */
    Reply assertDocumented(String operation, Reply reply) {
        assertThat(operations()).containsKey(operation);
        JsonNode response = operations().get(operation).path("responses").path(Integer.toString(reply.status()));
        assertThat(response.isObject()).as("%s answered %s", operation, reply).isTrue();
        if (response.has("$ref")) {
            response = at(response.path("$ref").asText());
        }
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            assertThat(reply.body()).as("%s answered %s", operation, reply).isEmpty();
        } else {
            String type = reply.header("Content-Type").replaceFirst(";.*", "");
            assertThat(content.has(type)).as("%s answered in %s", operation, type).isTrue();
            if (type.equals("application/json")) {
                assertThat(violations(content.path(type).path("schema"), reply.json()))
                        .as("%s answered %s", operation, reply).isEmpty();
            }
        }
        response.path("headers").fieldNames()
                .forEachRemaining(header -> assertThat(reply.header(header)).as(header).isNotNull());
        shown.add(operation + " " + reply.status());
        return reply;
    }

    /** The answers that were held against it, such as {@code GET /ops/outbox 200}. */
    Set<String> shown() {
        return shown;
    }

    /** Where a value is not as a schema of the document says, or has what the schema does not name. */
    Set<ValidationMessage> violations(JsonNode schema, JsonNode value) {
        ObjectNode whole = closed(schema);
        whole.set("components", closed(document.path("components")));
        JsonSchema compiled = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(whole,
                SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build());
        return compiled.validate(value);
    }

    private static ObjectNode closed(JsonNode node) {
        ObjectNode copy = node.deepCopy();
        close(copy);
        return copy;
    }

    /** Consumers must allow for more than is named; the bridge shows no more than that. */
    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.forEach(OpenApi::close);
            if (object.path("properties").isObject() && !object.has("additionalProperties")) {
                object.put("additionalProperties", false);
            }
        } else if (node instanceof ArrayNode array) {
            array.forEach(OpenApi::close);
        }
    }
}

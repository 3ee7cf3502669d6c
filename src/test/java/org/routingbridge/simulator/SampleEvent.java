package org.routingbridge.simulator;

import java.nio.charset.StandardCharsets;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The JSON of a routing event that a test can bend; each change makes a new one. */
public final class SampleEvent {

    private final ObjectNode json;

    SampleEvent(ObjectNode json) {
        this.json = json;
    }

    /** {@code id}, empty where it has none. */
    public String id() {
        return text("/id");
    }

    /** {@code eventType}, empty where it has none. */
    public String eventType() {
        return text("/eventType");
    }

    /** {@code timestamp}, empty where it has none. */
    public String timestamp() {
        return text("/timestamp");
    }

    /** {@code routingContext.queueId}, empty where it has none. */
    public String queueId() {
        return text("/routingContext/queueId");
    }

    /**
     * The same event with one value more or another one.
     *
     * @param pointer a JSON Pointer to a property of an object that exists, or a top-level property's name
     * @param value   what Jackson can turn into JSON; null for a JSON null
     */
    public SampleEvent with(String pointer, Object value) {
        ObjectNode copy = json.deepCopy();
        JsonPointer path = path(pointer);
        parent(copy, path).set(name(path), Json.MAPPER.<JsonNode>valueToTree(value));
        return new SampleEvent(copy);
    }

    /** The same event with one property less. */
    public SampleEvent without(String pointer) {
        ObjectNode copy = json.deepCopy();
        JsonPointer path = path(pointer);
        parent(copy, path).remove(name(path));
        return new SampleEvent(copy);
    }

    /** Its JSON text, compact. */
    public String json() {
        return Json.text(json);
    }

    /** Its JSON text in UTF-8. */
    public byte[] bytes() {
        return json().getBytes(StandardCharsets.UTF_8);
    }

    /** Its JSON tree; a copy. */
    public ObjectNode tree() {
        return json.deepCopy();
    }

    @Override
    public String toString() {
        return json();
    }

    private String text(String pointer) {
        return json.at(pointer).asText("");
    }

    private static JsonPointer path(String pointer) {
        return JsonPointer.compile(pointer.startsWith("/") ? pointer : "/" + pointer);
    }

    private static ObjectNode parent(ObjectNode root, JsonPointer path) {
        if (root.at(path.head()) instanceof ObjectNode parent) {
            return parent;
        }
        throw new IllegalArgumentException("no object at " + path.head());
    }

    private static String name(JsonPointer path) {
        return path.last().getMatchingProperty();
    }
}

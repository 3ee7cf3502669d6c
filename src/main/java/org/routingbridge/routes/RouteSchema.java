package org.routingbridge.routes;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;

/**
 * The JSON Schema of Camel's YAML, which Camel ships beside its reader: which steps there are, and which options each
 * has. Its validator tells of every alternative that does not fit; here the one mistake is told that a person made.
 *
 * @see <a href="https://camel.apache.org/components/4.14.x/others/yaml-dsl.html">Camel: YAML DSL</a>
 */
final class RouteSchema {

    private static final String RESOURCE = "/schema/camelYamlDsl.json";
    private static final String UNKNOWN = "additionalProperties";
    private static final String MISSING = "required";
    private static final String KIND = "type";
    private static final String CHOICE = "enum";

    private final JsonNode definition;
    private final JsonSchema schema;

    RouteSchema() {
        try (InputStream in = RouteSchema.class.getResourceAsStream(RESOURCE)) {
            definition = new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        JsonMetaSchema version4 = JsonMetaSchema.builder(JsonMetaSchema.getV4())
                .keyword(new NonValidationKeyword("deprecated")).build();
        schema = JsonSchemaFactory.builder(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4))
                .metaSchema(version4).defaultMetaSchemaIri(version4.getIri()).build().getSchema(definition,
                SchemaValidatorsConfig.builder().typeLoose(true).pathType(PathType.JSON_POINTER)
                        .preloadJsonSchema(false).build());
    }

    /**
     * Tells each mistake with its place, a JSON Pointer.
     *
     * @param read whether Camel has read it, which fills in what is left out
     */
    void mistakes(JsonNode tree, boolean read, BiConsumer<String, String> mistakes) {
        Map<String, List<ValidationMessage>> places = schema.validate(tree).stream()
                .filter(message -> !isLeftOpen(message.getInstanceNode(), read))
                .collect(Collectors.groupingBy(message -> message.getInstanceLocation().toString(),
                        LinkedHashMap::new, Collectors.toList()));
        Set<String> told = new TreeSet<>();
        places.keySet().stream().sorted(Comparator.comparingInt(String::length).reversed()).forEach(place -> {
            // what is wrong within it makes every alternative around it wrong
            if (told.stream().noneMatch(deeper -> deeper.startsWith(place + "/"))
                    && tell(place, places.get(place), tree.at(place), mistakes)) {
                told.add(place);
            }
        });
    }

    /** The kind of a placeholder's value shows only when it is resolved. */
    private static boolean isLeftOpen(JsonNode value, boolean read) {
        return value != null && (value.isNull() && read || value.isTextual() && value.textValue().contains("{{"));
    }

    private boolean tell(String place, List<ValidationMessage> messages, JsonNode value,
                         BiConsumer<String, String> mistakes) {
        List<ValidationMessage> unknown = of(UNKNOWN, messages);
        if (!unknown.isEmpty()) {
            unknown.stream().map(ValidationMessage::getProperty).distinct().forEach(name -> mistakes.accept(
                    place + "/" + name, unknown(place, name, known(unknown))));
            return true;
        }
        Set<String> missing = of(MISSING, messages).stream().map(ValidationMessage::getProperty)
                .collect(Collectors.toCollection(TreeSet::new));
        if (missing.size() == 1) {
            mistakes.accept(place, "the option " + missing.iterator().next() + " is missing");
            return true;
        }
        if (!missing.isEmpty()) {
            List<String> strange = new ArrayList<>();
            value.fieldNames().forEachRemaining(name -> {
                if (!Finding.nearest(name, missing).isEmpty()) {
                    strange.add(name);
                }
            });
            strange.forEach(name -> mistakes.accept(place + "/" + name, unknown(place, name, missing)));
            if (strange.isEmpty()) {
                mistakes.accept(place, "one of these is missing: " + String.join(", ", missing));
            }
            return true;
        }
        for (ValidationMessage message : messages) {
            if (message.getType().equals(KIND) || message.getType().equals(CHOICE)) {
                String name = place.substring(place.lastIndexOf('/') + 1);
                mistakes.accept(place, value.isNull() ? "nothing is written after " + name + ":"
                        : name + (value.isTextual() ? " is " + value.textValue() + ", and" : "") + " has to be "
                                + wanted(message));
                return true;
            }
        }
        return false;
    }

    private static String unknown(String place, String name, Collection<String> known) {
        String kind = place.isEmpty() || place.lastIndexOf('/') == 0 ? "nothing is called " + name
                : place.matches(".*/steps/\\d+") ? "there is no step " + name : "there is no option " + name;
        return kind + Finding.nearest(name, known);
    }

    private String wanted(ValidationMessage message) {
        JsonNode wanted = message.getSchemaNode();
        if (wanted == null) {
            wanted = definition.at(pointer(message));
        }
        List<String> words = new ArrayList<>();
        if (wanted.isArray()) {
            wanted.forEach(word -> words.add(word.asText()));
        } else {
            words.add(wanted.asText());
        }
        return words.size() == 1 ? "of type " + words.get(0) : "one of " + String.join(", ", words);
    }

    /** The names that would have been known where others were not. */
    private Set<String> known(List<ValidationMessage> unknown) {
        Set<String> known = new TreeSet<>();
        for (ValidationMessage message : unknown) {
            String pointer = pointer(message);
            definition.at(pointer.substring(0, pointer.lastIndexOf('/')) + "/properties").fieldNames()
                    .forEachRemaining(known::add);
        }
        return known;
    }

    private static String pointer(ValidationMessage message) {
        return message.getSchemaLocation().getFragment().toString();
    }

    private static List<ValidationMessage> of(String type, List<ValidationMessage> messages) {
        return messages.stream().filter(message -> message.getType().equals(type)).toList();
    }
}

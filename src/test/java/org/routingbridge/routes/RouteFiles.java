package org.routingbridge.routes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.yaml.snakeyaml.Yaml;

/** The YAML files in {@code routes/} as trees, for tests that look at how they are written. */
final class RouteFiles {

    static final Path DIRECTORY = Path.of("routes");

    private static final ObjectMapper JSON = new JsonMapper();

    private RouteFiles() {
    }

    /** Every file's text by its name. */
    static Map<String, String> texts() {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            Map<String, String> texts = new TreeMap<>();
            for (Path file : files.filter(path -> path.toString().endsWith(".camel.yaml")).toList()) {
                texts.put(file.getFileName().toString(), Files.readString(file));
            }
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode parse(String yaml) {
        return JSON.valueToTree(new Yaml().<Object>load(yaml));
    }

    /** What stands at the top of the files under one of their names, such as {@code route} and {@code beans}. */
    static List<JsonNode> all(String kind) {
        List<JsonNode> found = new ArrayList<>();
        texts().values().forEach(text -> parse(text).forEach(item -> {
            if (item.has(kind)) {
                found.add(item.get(kind));
            }
        }));
        return found;
    }

    static List<JsonNode> routes() {
        return all("route");
    }

    static List<String> ids(String kind) {
        return all(kind).stream().map(node -> node.path("id").asText()).toList();
    }

    /** Visits every member of every object in all files, with its name. */
    static void visitMembers(BiConsumer<String, JsonNode> visitor) {
        texts().values().forEach(text -> visitMembers(parse(text), visitor));
    }

    static void visitMembers(JsonNode node, BiConsumer<String, JsonNode> visitor) {
        node.properties().forEach(member -> {
            visitor.accept(member.getKey(), member.getValue());
            visitMembers(member.getValue(), visitor);
        });
        if (node.isArray()) {
            node.forEach(element -> visitMembers(element, visitor));
        }
    }
}

package org.routingbridge.routes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A route file as it is written: a tree whose every place has a line, by the JSON Pointer to it. */
final class RouteFile {

    private static final Set<String> PROSE = Set.of("description", "note");

    private final String name;
    private final Map<String, Integer> lines = new HashMap<>();
    private final Map<String, String> subjects = new HashMap<>();
    private final Map<String, String> texts = new HashMap<>();
    private final List<Finding> findings = new ArrayList<>();
    private JsonNode tree;

    /** @param name as a person is told of it */
    RouteFile(String name, String text) {
        this.name = name;
        try {
            Optional<Node> root = new Compose(LoadSettings.builder().build()).composeString(text);
            tree = root.map(node -> treeOf(node, "", "")).orElse(null);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(Mark::getLine).orElse(-1) + 1;
            findings.add(Finding.error(name, line, "", "is no YAML: " + e.getProblem()));
        } catch (YamlEngineException e) {
            findings.add(Finding.error(name, 0, "", "is no YAML: " + e.getMessage()));
        }
    }

    /** What is wrong with it as YAML. */
    List<Finding> findings() {
        return findings;
    }

    /** As JSON whose values are texts; null where there is none. */
    JsonNode tree() {
        return tree;
    }

    String name() {
        return name;
    }

    /** Of the place, or of the nearest one around it. */
    int line(String pointer) {
        return around(pointer, lines, 0);
    }

    /** The step, route or policy at a place or around it, such as {@code step make-safe}; empty where there is none. */
    String subject(String pointer) {
        return around(pointer, subjects, "");
    }

    private static <T> T around(String pointer, Map<String, T> map, T none) {
        for (String place = pointer; ; place = place.substring(0, place.lastIndexOf('/'))) {
            T found = map.get(place);
            if (found != null) {
                return found;
            }
            if (place.isEmpty()) {
                return none;
            }
        }
    }

    /** Every text with its place, but for what is written for people. */
    void eachText(BiConsumer<String, String> visitor) {
        texts.forEach(visitor);
    }

    private JsonNode treeOf(Node node, String pointer, String key) {
        node.getStartMark().ifPresent(mark -> lines.putIfAbsent(pointer, mark.getLine() + 1));
        if (node instanceof MappingNode mapping) {
            return objectOf(mapping, pointer, key);
        }
        if (node instanceof SequenceNode sequence) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (Node item : sequence.getValue()) {
                array.add(treeOf(item, pointer + "/" + array.size(), key));
            }
            return array;
        }
        if (node.getTag().equals(Tag.NULL)) {
            return JsonNodeFactory.instance.nullNode();
        }
        String text = ((ScalarNode) node).getValue();
        if (!PROSE.contains(key)) {
            texts.put(pointer, text);
        }
        return JsonNodeFactory.instance.textNode(text);
    }

    private ObjectNode objectOf(MappingNode mapping, String pointer, String kind) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        Set<String> keys = new HashSet<>();
        for (NodeTuple member : mapping.getValue()) {
            String key = member.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue()
                    : member.getKeyNode().toString();
            String place = pointer + "/" + key.replace("~", "~0").replace("/", "~1");
            int line = member.getKeyNode().getStartMark().map(Mark::getLine).orElse(-1) + 1;
            if (key.equals("id") && member.getValueNode() instanceof ScalarNode id) {
                subjects.put(pointer, (kind.equals("route") ? "route " : kind.equals("routeConfiguration")
                        ? "route configuration " : "step ") + id.getValue());
            }
            if (!keys.add(key)) {
                findings.add(Finding.error(name, line, "", key + " stands twice in the same place, and only one would"
                        + " count"));
            }
            lines.put(place, line);
            object.set(key, treeOf(member.getValueNode(), place, key));
        }
        return object;
    }
}

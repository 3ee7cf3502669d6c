package org.routingbridge.outbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.EventBridgeSimulator;
import org.routingbridge.simulator.SampleEvent;

/** Events with a number within their ordering key, and in which order they reached the bus. */
final class Keys {

    private static final JsonMapper JSON = new JsonMapper();

    private Keys() {
    }

    /** An event of this key with this number. */
    static SampleEvent event(BridgeUnderTest bridge, String key, int number) {
        return bridge.newEvent().with("/routingContext/queueId", key).with("/routingContext/number", number);
    }

    /** The numbers of each key as they reached the bus, the first time that each did. */
    static Map<String, List<Integer>> onBus(EventBridgeSimulator bus) {
        Map<String, List<Integer>> numbers = new LinkedHashMap<>();
        for (JsonNode detail : details(bus)) {
            List<Integer> ofKey = numbers.computeIfAbsent(detail.at("/routingContext/queueId").asText(),
                    key -> new ArrayList<>());
            int number = detail.at("/routingContext/number").asInt();
            if (!ofKey.contains(number)) {
                ofKey.add(number);
            }
        }
        return numbers;
    }

    /** The details that reached the bus, as JSON, in the order they did. */
    static List<JsonNode> details(EventBridgeSimulator bus) {
        return bus.delivered().stream().map(entry -> {
            try {
                return JSON.readTree(entry.detail());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }).toList();
    }
}

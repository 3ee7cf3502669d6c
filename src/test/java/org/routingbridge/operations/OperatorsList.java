package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;

/** A list of events on the management port, as operators use it; ids and queries are sent as they are given. */
final class OperatorsList {

    private final BridgeUnderTest bridge;
    private final String path;

    OperatorsList(BridgeUnderTest bridge, String path) {
        this.bridge = bridge;
        this.path = path;
    }

    List<JsonNode> page(String query) {
        Reply reply = bridge.manage(path + query);
        assertThat(reply.status()).isEqualTo(200);
        List<JsonNode> listed = new ArrayList<>();
        reply.json().forEach(listed::add);
        return listed;
    }

    List<String> ids(String query) {
        return page(query).stream().map(listed -> listed.path("id").asText()).toList();
    }

    Reply replay(String id) {
        return bridge.send(bridge.operation(path + "/" + id + "/replay").POST(BodyPublishers.noBody()));
    }

    Reply replayAll() {
        return bridge.send(bridge.operation(path + "/replay").POST(BodyPublishers.noBody()));
    }

    Reply delete(String id) {
        return bridge.send(bridge.operation(path + "/" + id).DELETE());
    }
}

package org.routingbridge.simulator;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/**
 * A request as a simulator received it, for tests to look at.
 *
 * @param method  in capitals
 * @param path    without the query
 * @param query   as it came; empty where there is none
 * @param headers by name, whose case does not matter, each with its values in the order they came
 * @param body    as UTF-8 text
 * @param at      when its last byte had come
 */
public record ReceivedRequest(String method, String path, String query, Map<String, List<String>> headers,
                              String body, Instant at) {

    static ReceivedRequest of(HttpServerRequest request, Buffer body) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        request.headers().forEach(header ->
                headers.computeIfAbsent(header.getKey(), ignored -> new ArrayList<>(1)).add(header.getValue()));
        return new ReceivedRequest(request.method().name(), request.path(),
                request.query() == null ? "" : request.query(), Collections.unmodifiableMap(headers),
                body.toString(StandardCharsets.UTF_8), Instant.now());
    }

    /** The first value of a header. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name)).map(values -> values.get(0));
    }
}

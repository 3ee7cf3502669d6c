package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.SampleEvent;

/** Switched on by OpenTelemetry's own switch, the bridge sends its spans to a collector. */
class SpansExportRouteTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @Test
    void spansGoToTheCollectorAndTheLastOnesWhenTheBridgeStops()
            throws InterruptedException, ExecutionException, TimeoutException {
        // Given
        List<String> exports = new CopyOnWriteArrayList<>();
        Vertx vertx = Vertx.vertx();
        HttpServer collector = vertx.createHttpServer().requestHandler(request -> request.bodyHandler(body -> {
            exports.add(request.path() + "\n" + new String(body.getBytes(), StandardCharsets.ISO_8859_1));
            request.response().end();
        })).listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        try (BridgeUnderTest bridge = new BridgeUnderTest().with("otel.java.global-autoconfigure.enabled", true)
                .with("otel.exporter.otlp.endpoint", "http://127.0.0.1:" + collector.actualPort())
                .with("otel.bsp.schedule.delay", 3_600_000)) {
            bridge.start();
            SampleEvent event = bridge.newEvent();
            bridge.send(bridge.request().header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
                    .POST(BodyPublishers.ofString(event.json())));
            assertThat(exports).isEmpty();

            // When
            bridge.stop();

            // Then
            await().until(() -> !exports.isEmpty());
            // what stands in OTLP's binary form as it is: ids as bytes, texts in UTF-8
            String traceId = new String(HexFormat.of().parseHex(TRACE), StandardCharsets.ISO_8859_1);
            assertThat(exports).singleElement().asString().startsWith("/v1/traces\n").contains(traceId, event.id(),
                    "POST /webhook/routing-events", "publish ", "cxone-routing-bridge");
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }
}

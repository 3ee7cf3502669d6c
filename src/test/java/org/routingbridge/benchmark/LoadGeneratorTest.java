package org.routingbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {

    private static final Duration SHORT = Duration.ofMillis(300);

    private interface Handler {
        void handle(HttpServerRequest request, int number);
    }

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger marks = new AtomicInteger();
    private Vertx vertx;
    private HttpServer server;
    private Handler handler = (request, number) -> reply(request, 200, "{\"status\":\"processed\"}");

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx();
        server = vertx.createHttpServer().requestHandler(request -> handler.handle(request,
                requests.incrementAndGet()));
        server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get();
    }

    @AfterEach
    void stop() {
        vertx.close();
    }

    private static void reply(HttpServerRequest request, int status, String body) {
        request.response().setStatusCode(status).end(body);
    }

    private LoadResult run(Load load) throws InterruptedException {
        try (LoadGenerator generator = new LoadGenerator(List.of(server.actualPort()), "/hook", Map.of(),
                Duration.ofSeconds(2))) {
            return generator.run(load, marks::incrementAndGet);
        }
    }

    @Test
    void aClosedLoopCountsWhatIsAnswered() throws Exception {
        // When
        LoadResult result = run(Load.closed(4, Cell.SMALL, SHORT, SHORT));

        // Then
        assertThat(result.acceptedAll()).isEqualTo(requests.get()).isEqualTo(result.sentAll());
        assertThat(result.accepted()).isPositive().isLessThan(result.acceptedAll());
        assertThat(result.outcomes()).isEqualTo(Map.of("200 processed", result.accepted()));
        assertThat(result.latencies().getTotalCount()).isEqualTo(result.accepted());
        assertThat(result.notAccepted()).isZero();
        assertThat(result.perSecond()).isEqualTo(result.accepted() / 0.3);
        assertThat(marks).hasValue(2);
    }

    @Test
    void everyKindOfReplyIsCounted() throws Exception {
        // Given
        handler = (request, number) -> {
            switch (number % 4) {
                case 0 -> reply(request, 200, "{\"status\":\"processed\"}");
                case 1 -> reply(request, 202, "{\"status\":\"queued\"}");
                case 2 -> reply(request, 503, "{\"error\":\"overloaded\",\"message\":\"later\"}");
                default -> request.connection().close();
            }
        };

        // When
        LoadResult result = run(new Load(1, 0, Cell.SMALL, Duration.ZERO, Duration.ofSeconds(20), 40));

        // Then
        assertThat(result.outcomes()).isEqualTo(Map.of("200 processed", 10L, "202 queued", 10L, "503 overloaded", 10L,
                "no reply", 10L));
        assertThat(result.accepted()).isEqualTo(20);
        assertThat(result.notAccepted()).isEqualTo(20);
    }

    @Test
    void aStallIsChargedToEveryEventThatWasDueMeanwhile() throws Exception {
        // Given
        handler = (request, number) -> vertx.setTimer(number == 1 ? 500 : 1,
                timer -> reply(request, 200, "{\"status\":\"processed\"}"));

        // When
        LoadResult result = run(Load.open(100, 1, Cell.SMALL, Duration.ZERO, Duration.ofSeconds(1)));

        // Then
        assertThat(result.outcomes()).isEqualTo(Map.of("200 processed", 100L));
        assertThat(result.millisAt(100)).isGreaterThanOrEqualTo(500);
        // fifty were due during the stall, one every 10 ms
        assertThat(result.millisAt(90)).isGreaterThan(350);
        assertThat(result.millisAt(70)).isGreaterThan(150);
    }

    @Test
    void anOpenLoopKeepsItsRateAndSaysWhatItCouldNotSend() throws Exception {
        // Given
        handler = (request, number) -> { };

        // When
        LoadResult result = run(Load.open(50, 2, Cell.SMALL, Duration.ZERO, SHORT));

        // Then
        assertThat(result.outcomes()).isEqualTo(Map.of("no reply", 2L, "not sent", 13L));
        assertThat(result.notAccepted()).isEqualTo(15);
    }

    @Test
    void eachServerHasItsShareOfTheConnections() throws Exception {
        // Given
        Set<SocketAddress> connections = ConcurrentHashMap.newKeySet();
        HttpServer other = vertx.createHttpServer().requestHandler(request -> {
            connections.add(request.connection().remoteAddress());
            reply(request, 200, "{\"status\":\"processed\"}");
        });
        other.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get();

        // When
        LoadResult result;
        try (LoadGenerator generator = new LoadGenerator(List.of(server.actualPort(), other.actualPort()), "/hook",
                Map.of(), Duration.ofSeconds(2))) {
            result = generator.run(Load.closed(6, Cell.SMALL, SHORT, SHORT), () -> { });
        }

        // Then
        assertThat(connections).hasSize(3);
        assertThat(requests.get()).isPositive().isLessThan((int) result.acceptedAll());
    }

    @Test
    void nobodyThereIsSaidAtOnce() throws Exception {
        // Given
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }

        try (LoadGenerator generator = new LoadGenerator(free, "/hook", Map.of())) {
            // When, Then
            assertThatThrownBy(() -> generator.run(Load.closed(2, Cell.SMALL, SHORT, SHORT), () -> { }))
                    .isInstanceOf(IllegalStateException.class).hasMessageContaining(Integer.toString(free));
        }
    }
}

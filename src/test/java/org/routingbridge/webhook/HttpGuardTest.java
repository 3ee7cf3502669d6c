package org.routingbridge.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.event.Refused;
import org.routingbridge.settings.Settings;
import org.routingbridge.settings.SettingsForTests;
import org.routingbridge.simulator.FreePorts;

/**
 * What strangers and slow senders cost, with deadlines of a fraction of a second. The long form, with the deadlines of
 * production: {@code -Dguard.connections=2500} and an own {@code HttpGuard.Limits.DEFAULT}.
 */
class HttpGuardTest {

    private static final int CONNECTIONS = Integer.getInteger("guard.connections", 300);
    private static final HttpGuard.Limits SHORT = new HttpGuard.Limits(100, Duration.ofMillis(700),
            Duration.ofMillis(700), 16 * 1024);

    private final DefaultCamelContext camelContext = new DefaultCamelContext();
    private final Settings settings = SettingsForTests.with("bridge.port", Integer.toString(FreePorts.choose(1)[0]));
    private final HttpGuard guard = new HttpGuard(CONNECTIONS, SHORT);
    private final WebhookServer server = new WebhookServer(camelContext, settings, guard);
    private final AtomicReference<Throwable> broken = new AtomicReference<>();
    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        server.start();
        VertxPlatformHttpRouter.lookup(camelContext, server.routerName()).route("/take").order(-1).handler(ctx -> {
            ctx.request().exceptionHandler(failure -> {
                broken.set(failure);
                if (failure instanceof Refused refused) {
                    server.answer(ctx, Reply.refused(refused));
                }
            });
            ctx.request().endHandler(end -> ctx.response().end("taken"));
            ctx.request().handler(chunk -> { });
        });
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.stop();
    }

    private Socket connect(String text) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), settings.port());
        socket.setSoTimeout(15_000);
        sockets.add(socket);
        write(socket, text);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String readAll(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void unfinishedHeadsAreCutAtTheirDeadlineHoweverTheyTrickle() throws Exception {
        // Given
        for (int i = 0; i < CONNECTIONS; i++) {
            connect("GET / HTTP/1.1\r\nHost: a\r\n" + "X:1\r\n".repeat(80));
        }
        await().until(() -> guard.connections() == CONNECTIONS);

        // When
        for (int i = 0; i < 3; i++) {
            for (Socket socket : sockets) {
                try {
                    write(socket, "X");
                } catch (IOException e) {
                    // cut by now
                }
            }
        }

        // Then
        for (Socket socket : sockets) {
            assertThat(readAll(socket)).startsWith("HTTP/1.1 408 ").contains("request_timeout");
            socket.close();
        }
        await().until(() -> guard.connections() == 0);
    }

    @Test
    void aConnectionThatSaysNothingIsClosedAtTheDeadline() throws Exception {
        // Given
        Socket silent = connect("");

        // When, Then
        assertThat(readAll(silent)).isEmpty();
    }

    @Test
    void aConnectionThatHasBeenUsedMayWaitLongerThanAHead() throws Exception {
        // Given
        Socket used = connect("GET /take HTTP/1.1\r\nHost: a\r\n\r\n");
        Socket measure = connect("");
        assertThat(readAll(measure)).isEmpty();
        assertThat(readAll(connect(""))).isEmpty();

        // When
        write(used, "GET /take HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        // Then
        assertThat(readAll(used)).containsPattern("(?s)taken.*taken");
    }

    @Test
    void tooManyHeaderLinesAreRefusedBeforeTheHeadHasEnded() throws Exception {
        // When
        Socket stranger = connect("GET / HTTP/1.1\r\nHost: a\r\n" + "X:1\r\n".repeat(200));

        // Then
        assertThat(readAll(stranger)).startsWith("HTTP/1.1 431 ").contains("headers_too_large");
    }

    @Test
    void oneConnectionMoreThanAllowedIsTurnedAwayAndTheNextIsTakenWhereOneHasGone() throws Exception {
        // Given
        server.stop();
        HttpGuard narrow = new HttpGuard(1, HttpGuard.Limits.DEFAULT);
        WebhookServer narrowServer = new WebhookServer(camelContext, settings, narrow);
        narrowServer.start();
        try {
            Socket first = connect("");
            await().until(() -> narrow.connections() == 1);

            // When
            Socket oneMore = connect("");

            // Then
            assertThat(readAll(oneMore)).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1", "overloaded");
            first.close();
            await().until(() -> narrow.connections() == 0);
            assertThat(readAll(connect("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")))
                    .startsWith("HTTP/1.1 503 ").doesNotContain("connections are open");
        } finally {
            narrowServer.stop();
            server.start();
        }
    }

    @Test
    void aBodyThatTricklesIsToldSoAndCut() throws Exception {
        // When
        Socket slow = connect("POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx");

        // Then
        assertThat(readAll(slow)).startsWith("HTTP/1.1 408 ").contains("request_timeout", "close");
        assertThat(broken.get()).isInstanceOf(Refused.class);
    }

    @Test
    void aBodyThatComesAtTheLeastRateMayTakeLonger() throws Exception {
        // Given
        Socket sender = connect("POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 200001\r\nConnection: close\r\n\r\n"
                + "x".repeat(200_000));

        // When
        assertThat(readAll(connect(""))).isEmpty();
        assertThat(readAll(connect(""))).isEmpty();
        write(sender, "x");

        // Then
        assertThat(readAll(sender)).endsWith("taken");
    }

    @Test
    void whoSendsAndDoesNotReadIsCut() throws Exception {
        // Given
        String request = "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n";

        // When
        Socket deaf = connect("");
        long sent = 0;
        try {
            for (; sent < 400_000; sent += 1000) {
                write(deaf, request.repeat(1000));
            }
        } catch (IOException e) {
            // cut
        }

        // Then
        assertThat(sent).isLessThan(400_000);
        await().until(() -> guard.connections() == 0);
    }
}

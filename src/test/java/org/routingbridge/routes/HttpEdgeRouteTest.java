package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.RawConnection;
import org.routingbridge.simulator.SampleEvent;

/**
 * What comes to the webhook's port and is no request, or would be two: it is refused in JSON, its connection is closed,
 * and nothing of it is published or logged.
 */
class HttpEdgeRouteTest {

    private static final String SECRET = "X-Webhook-Secret: " + BridgeUnderTest.SECRET + "\r\n";

    private static BridgeUnderTest bridge;
    private static final List<String> LOGGED = new CopyOnWriteArrayList<>();

    private static final AbstractAppender APPENDER = new AbstractAppender("edge", null, null, true,
            Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
            if (event.getLevel().isMoreSpecificThan(Level.WARN)) {
                LOGGED.add(event.getLoggerName() + " " + event.getMessage().getFormattedMessage());
            }
        }
    };

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
        LOGGED.clear();
        APPENDER.start();
        LoggerContext context = (LoggerContext) LogManager.getContext(false);
        context.getConfiguration().getRootLogger().addAppender(APPENDER, Level.WARN, null);
        context.updateLoggers();
    }

    @AfterEach
    void nothingIsLogged() {
        LoggerContext context = (LoggerContext) LogManager.getContext(false);
        context.getConfiguration().getRootLogger().removeAppender("edge");
        context.updateLoggers();
        assertThat(LOGGED).isEmpty();
    }

    private static void assertRefusedAndClosed(RawConnection connection, String outcome) {
        Reply reply = connection.read();
        assertThat(reply.outcome()).isEqualTo(outcome);
        assertThat(reply.json().path("message").asText()).isNotBlank();
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.header("Connection")).isEqualTo("close");
        assertThat(reply.header("Retry-After")).isNull();
        assertThatThrownBy(connection::read).hasMessageContaining("ended");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%zz", "/.%%32%65/", "/%", "/%4", "/a/%g0", "/..%2", "/%%", "/webhook/routing-events%",
        "/?a=%zz", "/webhook/routing-events?a=%", "*", "webhook/routing-events", "http://", "ftp://bridge/", "//%zz",
        "bridge:80", "?a=b"})
    void aTargetThatIsNoPathIsMalformed(String target) {
        try (RawConnection connection = bridge.connect()) {
            // When
            connection.write("POST " + target + " HTTP/1.1\r\nHost: bridge\r\n\r\n");

            // Then
            assertRefusedAndClosed(connection, "400 malformed_request");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECT bridge:80 HTTP/1.1\r\nHost: bridge:80\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: bridge\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: bridge\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: user@a\r\n\r\n",
        "GET /\r\n\r\n", "\u0016\u0003\u0001\u0002\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunkedx\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked,\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u000bchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3 3\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n ,\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip,\r\n chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, xchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n 3\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n 3\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n"})
    void aHeadThatIsNoneOrSaysTwoThingsIsMalformed(String head) {
        try (RawConnection connection = bridge.connect()) {
            // When
            connection.write(head);

            // Then
            assertRefusedAndClosed(connection, "400 malformed_request");
        }
    }

    @Test
    void aRequestLineOrHeadersThatAreTooLongAreRefused() {
        try (RawConnection line = bridge.connect(); RawConnection header = bridge.connect();
                RawConnection headers = bridge.connect()) {
            // When
            line.write("GET /" + "x".repeat(5_000) + " HTTP/1.1\r\nHost: a\r\n\r\n");
            header.write("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(9_000) + "\r\n\r\n");
            headers.write("GET / HTTP/1.1\r\nHost: a\r\n" + "X:\r\n".repeat(102));

            // Then
            assertRefusedAndClosed(line, "414 uri_too_long");
            assertRefusedAndClosed(header, "431 headers_too_large");
            assertRefusedAndClosed(headers, "431 headers_too_large");
        }
    }

    @Test
    void aHundredHeadersAreTaken() {
        // Given
        byte[] event = bridge.newEvent().json().getBytes(StandardCharsets.UTF_8);
        try (RawConnection connection = bridge.connect()) {
            // When
            connection.write("POST " + BridgeUnderTest.PATH + " HTTP/1.1\r\nHost: bridge\r\n" + SECRET
                    + "Content-Type: application/json\r\nContent-Length: " + event.length + "\r\n"
                    + "X: y\r\n".repeat(96) + "\r\n" + new String(event, StandardCharsets.ISO_8859_1));

            // Then
            assertThat(connection.read().outcome()).isEqualTo("200 processed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2;a=\"\r\n\"\r\n{}\r\n0\r\n\r\n", "2;a\n\r\n{}\r\n0\r\n\r\n", "2;\r{}\r\n0\r\n\r\n",
        "2;a=\"\\\"\r\n\"\r\n{}\r\n0\r\n\r\n", "+2\r\n{}\r\n0\r\n\r\n", "0x2\r\n{}\r\n0\r\n\r\n",
         "2;a=\"\n\"\r\n{}\r\n0\r\n\r\n", "zz\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}x\r\n0\r\n\r\n", "-2\r\n{}\r\n", "2\n{}\n0\n\n", "fffffffff\r\n{}"})
    void chunksThatCannotBeToldApartAreRefusedAndNothingBehindThemIsRead(String body) {
        // Given
        SampleEvent smuggled = bridge.newEvent();
        try (RawConnection connection = bridge.connect()) {
            connection.post("Content-Type: application/json", "Transfer-Encoding: chunked");

            // When
            connection.write(body + "POST " + BridgeUnderTest.PATH + " HTTP/1.1\r\nHost: bridge\r\n" + SECRET
                    + "Content-Type: application/json\r\nContent-Length: " + smuggled.json().length() + "\r\n\r\n"
                    + smuggled.json());

            // Then
            Reply reply = connection.read();
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.header("Connection")).isEqualTo("close");
            assertThatThrownBy(connection::read).hasMessageContaining("ended");
        }
        assertThat(bridge.bus().calls()).isEmpty();
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
    }

    @Test
    void whoExpectsToBeAskedForTheBodyAndIsRefusedHasToConnectAnew() {
        try (RawConnection stranger = bridge.connect(); RawConnection sender = bridge.connect()) {
            // When
            stranger.write("POST " + BridgeUnderTest.PATH + " HTTP/1.1\r\nHost: bridge\r\nContent-Length: 10\r\n"
                    + "Expect: 100-continue\r\n\r\n");
            sender.post("Content-Type: application/json", "Content-Length: 999999", "Expect: 100-continue");

            // Then
            assertRefusedAndClosed(stranger, "401 unauthorized");
            assertRefusedAndClosed(sender, "413 payload_too_large");
        }
    }

    @Test
    void whoExpectsToBeAskedForTheBodyIsAsked() {
        // Given
        String event = bridge.newEvent().json();
        try (RawConnection connection = bridge.connect()) {
            // When
            connection.post("Content-Type: application/json", "Content-Length: " + event.length(),
                    "Expect: 100-continue");
            assertThat(connection.readInterim()).isEqualTo("HTTP/1.1 100 Continue");
            connection.write(event);

            // Then
            Reply reply = connection.read();
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(reply.header("Connection")).isNull();
        }
    }

    @Test
    void anotherMethodIsToldWhichIsAllowed() {
        // When
        Reply reply = bridge.send(bridge.bareRequest(BridgeUnderTest.PATH).GET());

        // Then
        assertThat(reply.outcome()).isEqualTo("405 method_not_allowed");
        assertThat(reply.header("Allow")).isEqualTo("POST");
    }

    @Test
    void aSenderThatSaysNoMoreAfterItsRequestGetsItsReply() {
        // Given
        String event = bridge.newEvent().json();
        try (RawConnection connection = bridge.connect()) {
            connection.post("Content-Type: application/json", "Content-Length: " + event.length());

            // When
            connection.write(event).sayNoMore();

            // Then
            assertThat(connection.read().outcome()).isEqualTo("200 processed");
            assertThatThrownBy(connection::read).hasMessageContaining("ended");
        }
    }

    @Test
    void aSenderThatSaysNoMoreWithinItsBodyIsToldSo() {
        try (RawConnection connection = bridge.connect()) {
            connection.post("Content-Type: application/json", "Content-Length: 100");

            // When
            connection.write("{").sayNoMore();

            // Then
            assertRefusedAndClosed(connection, "400 malformed_json");
        }
    }

    @Test
    void aConnectionThatWaitsAndIsClosedByHalfIsClosed() {
        // Given
        String event = bridge.newEvent().json();
        try (RawConnection connection = bridge.connect()) {
            connection.post("Content-Type: application/json", "Content-Length: " + event.length()).write(event);
            assertThat(connection.read().outcome()).isEqualTo("200 processed");

            // When
            connection.sayNoMore();

            // Then
            assertThatThrownBy(connection::read).hasMessageContaining("ended");
        }
    }

    @Test
    void whiteSpaceAroundTheObjectIsNoPartOfTheEvent() {
        // Given
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = bridge.post(" \r\n\t" + event.json() + "\n" + " ".repeat(300_000 - event.json().length()));

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
        assertThat(bridge.bus().delivered()).singleElement().satisfies(entry ->
                assertThat(entry.detail()).startsWith(event.json().substring(0, event.json().length() - 1) + ","));
    }
}

package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.DeliveredEntry;
import org.routingbridge.simulator.SampleEvent;

/**
 * A request with parts put in, taken out and doubled anywhere in its head, its chunks or its event: it is answered once
 * or as often as it has become requests, never by 503, and never publishes more than the one event that it brought.
 */
class RequestHeadsPropertyTest {

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3}) ");

    private static BridgeUnderTest bridge;

    private record Mutation(int at, int length, String with) {
    }

    @BeforeContainer
    static void start() {
        bridge = new BridgeUnderTest().start();
    }

    @AfterContainer
    static void close() {
        bridge.close();
    }

    @Property(tries = 300)
    void aMutilatedRequestIsNeverTwoNorAFaultOfTheBridge(@ForAll("mutations") List<Mutation> mutations,
                                                         @ForAll boolean chunked) throws IOException {
        // Given
        SampleEvent event = bridge.newEvent();
        String json = event.json();
        String request = "POST " + BridgeUnderTest.PATH + " HTTP/1.1\r\nHost: bridge\r\nX-Webhook-Secret: "
                + BridgeUnderTest.SECRET + "\r\nContent-Type: application/json\r\n"
                + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(json.length()) + "\r\n" + json
                        + "\r\n0\r\n\r\n" : "Content-Length: " + json.length() + "\r\n\r\n" + json);
        for (Mutation mutation : mutations) {
            int at = Math.min(mutation.at(), request.length());
            request = request.substring(0, at) + mutation.with()
                    + request.substring(Math.min(request.length(), at + mutation.length()));
        }

        // When
        String answer = exchange(request);

        // Then
        Matcher statuses = STATUS.matcher(answer);
        int processed = 0;
        while (statuses.find()) {
            int status = Integer.parseInt(statuses.group(1));
            assertThat(status == 200 || status == 100 || status >= 400 && status < 500).as(answer).isTrue();
            processed += status == 200 ? 1 : 0;
        }
        assertThat(processed).as(answer).isLessThanOrEqualTo(1);
        assertThat(answer).doesNotContain("Exception", "io.netty");
    }

    @Property(tries = 150)
    void aBodyInWhateverPiecesIsTheSameEvent(@ForAll String note,
                                             @ForAll List<@IntRange(min = 1, max = 400) Integer> chunks,
                                             @ForAll @IntRange(min = 1, max = 700) int packet) throws IOException {
        // Given
        SampleEvent event = bridge.newEvent().with("/routingContext/note", note.replaceAll("[\\ud800-\\udfff]", ""));
        String bytes = new String(event.bytes(), StandardCharsets.ISO_8859_1);
        StringBuilder body = new StringBuilder();
        int at = 0;
        for (int length : chunks) {
            int end = Math.min(bytes.length(), at + length);
            if (end > at) {
                body.append(Integer.toHexString(end - at)).append("\r\n").append(bytes, at, end).append("\r\n");
                at = end;
            }
        }
        if (at < bytes.length()) {
            body.append(Integer.toHexString(bytes.length() - at)).append("\r\n").append(bytes, at, bytes.length())
                    .append("\r\n");
        }

        // When
        String answer = exchange(head("Transfer-Encoding: chunked") + body + "0\r\n\r\n", packet);

        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("processed");
        List<DeliveredEntry> delivered = bridge.bus().delivered();
        String json = event.json();
        assertThat(delivered.get(delivered.size() - 1).detail()).startsWith(json.substring(0, json.length() - 1) + ",");
    }

    @Property(tries = 300)
    void aMutilatedEventIsNeverAFaultOfTheBridge(@ForAll("jsonMutations") List<Mutation> mutations) throws IOException {
        // Given
        String body = bridge.newEvent().json();
        for (Mutation mutation : mutations) {
            int at = Math.min(mutation.at(), body.length());
            body = body.substring(0, at) + mutation.with()
                    + body.substring(Math.min(body.length(), at + mutation.length()));
        }
        int length = body.getBytes(StandardCharsets.ISO_8859_1).length;

        // When
        String answer = exchange(head("Content-Length: " + length) + body);

        // Then
        assertThat(answer).as(body).containsPattern("^HTTP/1\\.1 (200|400|409|413) ")
                .doesNotContain("Exception", "com.fasterxml", "networknt");
    }

    private static String head(String line) {
        return "POST " + BridgeUnderTest.PATH + " HTTP/1.1\r\nHost: bridge\r\nX-Webhook-Secret: "
                + BridgeUnderTest.SECRET + "\r\nContent-Type: application/json\r\nConnection: close\r\n" + line
                + "\r\n\r\n";
    }

    private static String exchange(String request) throws IOException {
        return exchange(request, Integer.MAX_VALUE);
    }

    /** @param packet bytes that are sent at a time */
    private static String exchange(String request, int packet) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), bridge.port())) {
            socket.setSoTimeout(15_000);
            try {
                socket.setTcpNoDelay(true);
                byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
                for (int at = 0; at < bytes.length; at += Math.min(packet, bytes.length - at)) {
                    socket.getOutputStream().write(bytes, at, Math.min(packet, bytes.length - at));
                }
                socket.shutdownOutput();
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (SocketException e) {
                return "";
            }
        }
    }

    @Provide
    Arbitrary<List<Mutation>> mutations() {
        Arbitrary<String> with = Arbitraries.of("", "\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", ":", ";", "%", "%zz",
                "*", "\0", "\u00ff", "Host: a\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 1\r\n",
                "Expect: 100-continue\r\n", "0\r\n\r\n", "GET / HTTP/1.1\r\n", "\"", "HTTP/1.0", "http://a");
        return Combinators.combine(Arbitraries.integers().between(0, 320), Arbitraries.integers().between(0, 20), with)
                .as(Mutation::new).list().ofMinSize(1).ofMaxSize(3);
    }

    @Provide
    Arbitrary<List<Mutation>> jsonMutations() {
        Arbitrary<String> with = Arbitraries.of("", "\"", "\\", "{", "}", "[", "]", ",", ":", "1", "-1", "1e400", "0.5",
                "9".repeat(400), "null", "true", "\\ud800", "\\u0000", "\0", "\u00ff", "\u00c3\u00a9", "\"a\":1,",
                "\"id\":\"x\",", "\"bridge\":1,", "\"routingContext\":[],", "{\"a\":".repeat(190), "x".repeat(300));
        return Combinators.combine(Arbitraries.integers().between(0, 700), Arbitraries.integers().between(0, 20), with)
                .as(Mutation::new).list().ofMinSize(1).ofMaxSize(3);
    }
}

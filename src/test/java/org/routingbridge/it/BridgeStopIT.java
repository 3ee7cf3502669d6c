package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.OwnThread;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/** The packaged jar as a process that is stopped or killed (contract, section 1). */
class BridgeStopIT {

    private static final Duration STOP = Duration.ofSeconds(10);

    private final BridgeSite site = new BridgeSite();
    private final EventFactory events = new EventFactory();

    @AfterEach
    void close() {
        site.close();
    }

    @Test
    void nothingAcceptedIsLostWhenItIsStoppedUnderLoad() throws Exception {
        // Given
        BridgeJvm bridge = site.start().awaitReady();
        site.bus().latency(Duration.ofMillis(50));
        Map<String, Integer> answers = new ConcurrentHashMap<>();
        AtomicInteger answered = new AtomicInteger();
        ExecutorService senders = Executors.newFixedThreadPool(12);
        for (int i = 0; i < 12; i++) {
            senders.submit(() -> {
                while (bridge.isAlive()) {
                    SampleEvent event = events.validEvent();
                    answers.put(event.id(), site.post(BridgeSite.PATH, event.json()).statusCode());
                    answered.incrementAndGet();
                }
                return null;
            });
        }
        await().until(() -> answered.get() > 300);

        // When
        bridge.terminate();

        // Then
        assertThat(bridge.awaitExit(STOP)).isZero();
        senders.shutdown();
        assertThat(senders.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(answers.values()).isSubsetOf(200, 202, 408, 503);
        // what was answered 202 is on disk, for the next process
        site.start().awaitReady();
        await().untilAsserted(() ->
                assertThat(site.bus().timesDelivered().keySet()).containsAll(BridgeSite.accepted(answers)));
    }

    /**
     * One story of four processes: a stop and a kill with events waiting, and a kill with none; of the last three with
     * {@code -Dprocesses.each}.
     */
    @Test
    void whateverEndsItWhatIsInTheOutboxIsPublishedOnceByTheNextProcess() throws Exception {
        // Given
        BridgeJvm stopped = site.start().awaitReady();
        List<SampleEvent> waiting = new ArrayList<>(postWhileEventBridgeIsAway(20));

        // When
        stopped.terminate();
        assertThat(stopped.awaitExit(STOP)).isZero();
        site.bus().comeBack();
        BridgeJvm killed = site.start().awaitReady();

        // Then
        assertPublishedOnceAndRemembered(waiting);

        // When
        waiting.addAll(postWhileEventBridgeIsAway(60));
        killed.kill();
        killed.awaitExit(STOP);
        site.bus().comeBack();
        BridgeJvm killedAgain = site.start().awaitReady();

        // Then
        assertPublishedOnceAndRemembered(waiting);

        for (int kill = 0; kill < (Boolean.getBoolean("processes.each") ? 3 : 1); kill++) {
            // When
            killedAgain.kill();
            killedAgain.awaitExit(STOP);
            killedAgain = site.start().awaitReady();

            // Then
            assertPublishedOnceAndRemembered(waiting);
        }
    }

    private List<SampleEvent> postWhileEventBridgeIsAway(int count) throws Exception {
        site.bus().goAway();
        List<SampleEvent> waiting = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SampleEvent event = events.validEvent();
            HttpResponse<String> reply = site.post(BridgeSite.PATH, event.json());
            assertThat(reply.statusCode()).isEqualTo(202);
            assertThat(reply.body()).contains("\"status\":\"queued\"");
            waiting.add(event);
        }
        return waiting;
    }

    private void assertPublishedOnceAndRemembered(List<SampleEvent> waiting) throws Exception {
        String[] ids = waiting.stream().map(SampleEvent::id).toArray(String[]::new);
        await().untilAsserted(() -> assertThat(site.bus().timesDelivered()).containsOnlyKeys(ids));
        for (SampleEvent event : waiting) {
            assertThat(site.post(BridgeSite.PATH, event.json()).body()).contains("\"duplicate_skipped\"");
        }
        assertThat(site.bus().timesDelivered().values()).containsOnly(1);
        await().untilAsserted(() -> assertThat(site.manage("/ops/accounting").body())
                .contains("\"pending\":0", "\"balanced\":true"));
    }

    @Test
    void whileStoppingItFinishesWhatIsInFlightAndTurnsTheRestAway() throws Exception {
        // Given
        BridgeJvm bridge = site.start("-Dbridge.delivery.reply.budget=8s", "-Dbridge.eventbridge.timeout=8s")
                .awaitReady();
        SampleEvent inFlight = events.validEvent();
        try (Sender open = new Sender(site.port())) {
            assertThat(open.post(events.validEvent().json())).startsWith("HTTP/1.1 200 ");
            site.bus().latency(Duration.ofSeconds(3));
            int calls = site.bus().calls().size();
            CompletableFuture<Integer> outcome = OwnThread.supply(() -> status(inFlight));
            await().until(() -> site.bus().calls().size() > calls);

            // When
            bridge.terminate();

            // Then
            await().until(() -> isRefused(site.port()));
            assertThat(open.post(events.validEvent().json())).startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("\nConnection: close\n").containsIgnoringCase("\nRetry-After: ");
            assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo(200);
            assertThat(bridge.awaitExit(STOP)).isZero();
            assertThat(site.bus().timesDelivered(inFlight.id())).isEqualTo(1);
        }
    }

    @Test
    void toldToStopItIsNotReadyAtOnceAndServesUntilTheDelayHasPassed() throws Exception {
        // Given
        Duration delay = Duration.ofSeconds(3);
        BridgeJvm bridge = site.with("BRIDGE_SHUTDOWN_DELAY", delay.toSeconds() + "s").start().awaitReady();
        Queue<Answer> answers = new ConcurrentLinkedQueue<>();
        ExecutorService senders = Executors.newFixedThreadPool(8);
        for (int i = 0; i < 8; i++) {
            senders.submit(() -> {
                while (bridge.isAlive()) {
                    answers.add(new Answer(status(events.validEvent()), System.nanoTime()));
                }
            });
        }
        await().until(() -> answers.size() > 100);
        assertThat(site.manage("/observe/health/ready").statusCode()).isEqualTo(200);

        // When
        long told = System.nanoTime();
        bridge.terminate();

        // Then
        await().pollInterval(Duration.ofMillis(20)).atMost(delay.minusSeconds(1))
                .until(() -> site.manage("/observe/health/ready").statusCode() == 503);
        int answersBefore = answers.size();
        assertThat(site.manage("/observe/health/ready").body()).contains("\"reason\":\"The bridge was told to stop\"");
        assertThat(site.manage("/observe/health/live").statusCode()).isEqualTo(200);
        assertThat(bridge.awaitExit(STOP.plus(delay))).isZero();
        senders.shutdown();
        assertThat(senders.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        List<Answer> whileServing = answers.stream().filter(answer -> answer.at() - told < delay.toNanos()).toList();
        assertThat(whileServing).hasSizeGreaterThan(answersBefore)
                .allSatisfy(answer -> assertThat(answer.status()).isBetween(200, 299));
        assertThat(site.bus().timesDelivered().values()).containsOnly(1);
    }

    /**
     * To one post.
     *
     * @param status 0 where there was no answer
     * @param at     when it was there, in nanoseconds
     */
    private record Answer(int status, long at) {
    }

    private int status(SampleEvent event) {
        try {
            return site.post(BridgeSite.PATH, event.json()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static boolean isRefused(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** A sender that keeps its one connection, which no HTTP client can be told to. */
    private static final class Sender implements AutoCloseable {

        private final Socket socket;
        private final BufferedReader reader;

        Sender(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(15_000);
            reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        }

        /** The reply's head, a line each, and its body. */
        String post(String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream().write(("POST " + BridgeSite.PATH + " HTTP/1.1\r\nHost: bridge\r\n"
                    + "Content-Type: application/json\r\nX-Webhook-Secret: " + BridgeSite.WEBHOOK_SECRET
                    + "\r\nContent-Length: " + bytes.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            StringBuilder reply = new StringBuilder();
            int length = 0;
            for (String line = reader.readLine(); line != null && !line.isEmpty(); line = reader.readLine()) {
                reply.append(line).append('\n');
                if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) {
                    length = Integer.parseInt(line.substring(15).strip());
                }
            }
            for (int i = 0; i < length; i++) {
                reply.append((char) reader.read());
            }
            return reply.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}

package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.routingbridge.outbox.SteadySenders;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/** The data directory is a small file system of its own, that somebody else fills; needs the right to mount one. */
@EnabledOnOs(OS.LINUX)
class FullStoreDiskIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration STOP = Duration.ofSeconds(20);
    /** The reply budget and half a second, and what a busy machine adds. */
    private static final Duration ANSWER = Duration.ofSeconds(4);

    private static final String FULL = "database or disk is full";
    private static final Duration TAKEN_AGAIN = Duration.ofSeconds(3);
    private static final int FULL_SECONDS = Integer.getInteger("disk.full.seconds", 3);
    private static final int FULL_RATE = Integer.getInteger("disk.full.rate", 60);

    private final CountDownLatch nothing = new CountDownLatch(1);
    private final BridgeSite site = new BridgeSite();
    private final EventFactory events = new EventFactory();
    private final Path data = site.path("data");

    @BeforeEach
    void mount() throws Exception {
        Files.createDirectories(data);
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", data.toString())).isZero();
    }

    @AfterEach
    void close() throws Exception {
        site.stopAll();
        run("umount", data.toString());
        site.close();
    }

    private static int run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    /** Leaves nothing free; again where somebody has freed something meanwhile. */
    private void fill() {
        takeWhatIsFree();
        assertThat(data.toFile().getUsableSpace()).isLessThan(4096);
    }

    /** While the bridge is at work, which may free some at any moment. */
    private void takeWhatIsFree() {
        try (OutputStream file = Files.newOutputStream(data.resolve("somebody-elses-file"), StandardOpenOption.CREATE,
                StandardOpenOption.APPEND)) {
            byte[] some = new byte[4096];
            while (true) {
                file.write(some);
            }
        } catch (IOException e) {
            // there is no more
        }
    }

    private void makeRoom() throws IOException {
        Files.delete(data.resolve("somebody-elses-file"));
    }

    private String outcome(SampleEvent event) throws Exception {
        HttpResponse<String> reply = site.post(BridgeSite.PATH, event.json());
        JsonNode body = JSON.readTree(reply.body());
        return reply.statusCode() + " " + body.path("status").asText(body.path("error").asText());
    }

    private int ready() throws Exception {
        return site.manage("/observe/health/ready").statusCode();
    }

    @Test
    void whileItIsFullEveryoneIsAnsweredAndWhenItIsNotItIsReadyByItself() throws Exception {
        // Given
        BridgeJvm bridge = site.start().awaitReady();
        site.bus().goAway();
        List<SampleEvent> accepted = new ArrayList<>();
        SampleEvent first = events.validEvent();
        assertThat(outcome(first)).isEqualTo("202 queued");
        accepted.add(first);

        // When
        String filling = "x".repeat(100_000);
        List<String> answers = new ArrayList<>();
        List<Long> millis = new ArrayList<>();
        fill();
        String health = "";
        for (int i = 0; i < 400 && !(answers.contains("503 overloaded") && health.contains(FULL)); i++) {
            SampleEvent event = events.validEvent().with("/filling", filling);
            long began = System.nanoTime();
            String answer = outcome(event);
            millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
            answers.add(answer);
            if (answer.startsWith("2")) {
                accepted.add(event);
            }
            takeWhatIsFree();
            // status and reason of one moment, since the bridge may free some, and find it, at any other
            HttpResponse<String> readiness = site.manage("/observe/health/ready");
            health = readiness.statusCode() + " " + readiness.body();
        }
        site.bus().comeBack();
        makeRoom();

        // Then
        assertThat(answers).contains("503 overloaded");
        assertThat(bridge.output().lines().filter(line -> line.contains(" ERROR "))).hasSize(1);
        assertThat(bridge.output()).doesNotContain("\tat ");
        assertThat(millis).allSatisfy(one -> assertThat(one).isLessThan(ANSWER.toMillis()));
        assertThat(health).startsWith("503 ").contains(FULL);
        await().atMost(Duration.ofSeconds(10)).until(() -> ready() == 200);
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() ->
                assertThat(site.bus().timesDelivered().keySet()).containsAll(ids(accepted)));
        // behind the last of its key until that has left the store, too
        await().atMost(Duration.ofSeconds(10)).until(() -> outcome(events.validEvent()).equals("200 processed"));
    }

    /** {@code -Ddisk.full.seconds} and {@code -Ddisk.full.rate} are a minute and 200 events/s at night. */
    @Tag("under-load")
    @Test
    void whileItIsFullUnderLoadEveryoneIsAnsweredAndTheFirstIsTakenOnceThereIsRoom() throws Exception {
        // Given
        site.with("BRIDGE_OUTBOX_MAX_BYTES", "1000000000").start().awaitReady();
        site.bus().goAway();
        List<SteadySenders.Reply> replies;
        Instant room;

        // When
        try (SteadySenders senders = new SteadySenders(site, FULL_RATE)) {
            senders.start();
            await().until(() -> senders.replies().size() > FULL_RATE);
            await().until(() -> {
                takeWhatIsFree();
                return senders.replies().stream().anyMatch(reply -> reply.status() == 503);
            });
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(FULL_SECONDS);
            while (System.nanoTime() < end) {
                takeWhatIsFree();
                nothing.await(50, TimeUnit.MILLISECONDS);
            }
            makeRoom();
            room = Instant.now();
            Instant since = room;
            await().until(() -> senders.replies().stream().anyMatch(reply -> isTakenAfter(reply, since)));
            senders.close();
            replies = senders.replies();
        }
        site.bus().comeBack();

        // Then
        Map<Integer, Long> statuses = replies.stream()
                .collect(Collectors.groupingBy(SteadySenders.Reply::status, TreeMap::new, Collectors.counting()));
        Duration slowest = replies.stream().map(SteadySenders.Reply::took).max(Duration::compareTo).orElseThrow();
        Duration untilTaken = Duration.between(room, replies.stream().filter(reply -> isTakenAfter(reply, room))
                .map(SteadySenders.Reply::at).min(Instant::compareTo).orElseThrow());
        System.out.printf(Locale.ROOT, "disk full for %d s under %d events/s: replies %s, the slowest after %d ms; the"
                + " first 202 %d ms after there was room%n", FULL_SECONDS, FULL_RATE, statuses, slowest.toMillis(),
                untilTaken.toMillis());
        assertThat(statuses).containsOnlyKeys(202, 503);
        assertThat(slowest).isLessThan(ANSWER);
        assertThat(untilTaken).isLessThan(TAKEN_AGAIN);
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(site.bus().timesDelivered().keySet())
                .containsAll(replies.stream().filter(reply -> reply.status() == 202)
                        .map(SteadySenders.Reply::eventId).toList()));
    }

    private static boolean isTakenAfter(SteadySenders.Reply reply, Instant room) {
        return reply.status() == 202 && reply.sent().isAfter(room);
    }

    private static List<String> ids(List<SampleEvent> some) {
        return some.stream().map(SampleEvent::id).toList();
    }

    @Test
    void theFirstStartOnAFullDiskTakesWhatEventBridgeTakes() throws Exception {
        // Given
        fill();

        // When
        BridgeJvm bridge = site.start().awaitReady();

        // Then
        assertThat(outcome(events.validEvent())).isEqualTo("200 processed");
        assertThat(ready()).isEqualTo(503);
        assertThat(bridge.output()).contains("The store cannot be opened").doesNotContain("\tat ");
        makeRoom();
        await().atMost(Duration.ofSeconds(10)).until(() -> ready() == 200);
        site.bus().goAway();
        assertThat(outcome(events.validEvent())).isEqualTo("202 queued");
    }

    /**
     * Whatever a bridge that was killed keeps beside its database may be half a file, but for the room that is kept
     * for a full disk: without it there may be none to settle what was published.
     */
    @Test
    void aStartOnAFullDiskPublishesWhatItHolds() throws Exception {
        // Given
        BridgeJvm killed = site.start().awaitReady();
        site.bus().goAway();
        List<SampleEvent> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            SampleEvent event = events.validEvent();
            assertThat(outcome(event)).isEqualTo("202 queued");
            waiting.add(event);
        }
        killed.kill();
        killed.awaitExit(STOP);
        try (var files = Files.list(data)) {
            List<Path> beside = files.filter(Files::isRegularFile).filter(one -> Files.isWritable(one)
                    && !one.getFileName().toString().matches("bridge\\.db.*|room-for-a-full-disk")).toList();
            assertThat(beside).isNotEmpty();
            for (Path file : beside) {
                Files.write(file, "half".getBytes(StandardCharsets.US_ASCII));
            }
        }
        fill();
        site.bus().comeBack();

        // When
        BridgeJvm bridge = site.start().awaitReady();

        // Then
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() ->
                assertThat(site.bus().timesDelivered().keySet()).containsAll(ids(waiting)));
        assertThat(site.bus().timesDelivered().values()).containsOnly(1);
        assertThat(bridge.output()).doesNotContain("\tat ", "damaged", "missing");
    }
}

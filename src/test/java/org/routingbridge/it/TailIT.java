package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.simulator.EventFactory;

/** {@code tail} of the launcher, beside a bridge that runs, goes and comes back. */
class TailIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Linux's, which tells what this process ignores, and so what those that it starts ignore. */
    private static final Path PROCESS_STATUS = Path.of("/proc/self/status");
    private static final int SIGINT = 2;

    private final BridgeSite site = new BridgeSite().with("BRIDGE_REGISTRATION_ENABLED", false);
    private final EventFactory events = new EventFactory();

    @AfterEach
    void close() {
        site.close();
    }

    private String send(String queue) throws Exception {
        String id = events.newId();
        site.post(BridgeSite.PATH, events.validEvent(id, queue, Instant.now()).json());
        return id;
    }

    private static void awaitTold(BridgeJvm tail, String... texts) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(tail.output()).contains(texts));
    }

    /** As Ctrl-C does. A build in the background has its processes ignore that for good, and ends it by SIGTERM. */
    private static void interrupt(BridgeJvm tail) throws Exception {
        String signal = isInterruptIgnored() ? "TERM" : "INT";
        System.out.println("tail ends by SIG" + signal);
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + signal + " " + tail.pid()).start().waitFor()).isZero();
    }

    private static boolean isInterruptIgnored() throws IOException {
        if (!Files.isReadable(PROCESS_STATUS)) {
            return false;
        }
        long ignored = Files.readAllLines(PROCESS_STATUS).stream().filter(line -> line.startsWith("SigIgn:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16))
                .findFirst().orElse(0);
        return (ignored & 1L << SIGINT - 1) != 0;
    }

    @Test
    void theLastOnesComeFirstAndThenThoseThatFollow() throws Exception {
        // Given
        site.start().awaitReady();
        String first = send("queue-a");
        String second = send("queue-a");
        String third = send("queue-b");

        // When
        BridgeJvm all = site.startLauncher("tail", "-n", "2");
        BridgeJvm some = site.startLauncher("tail", "--queue=queue-a", "--outcome", "processed");
        awaitTold(all, second, third);
        awaitTold(some, first, second);
        String refused = events.newId();
        site.post(BridgeSite.PATH, events.validEvent(refused, "queue-a", Instant.now()).json()
                .replace("routing:", "routing:\\u001b[2J").replace("retryDirective", "retry\\u202eDirective"));
        String fourth = send("queue-a");
        String fifth = send("queue-b");

        // Then
        awaitTold(all, refused, fourth, fifth);
        awaitTold(some, fourth);
        assertThat(all.output()).doesNotContain(first, "\u001b", "\u202e").containsSubsequence(second, third, refused,
                fourth, fifth).containsPattern("schema_violation +routing:\\\\u001b\\[2J\\S+ +" + refused);
        assertThat(some.output()).doesNotContain(third, refused, fifth).hasLineCount(3);
        interrupt(all);
        assertThat(all.awaitExit(PATIENCE)).as(all.output()).isZero();
        some.terminate();
        assertThat(some.awaitExit(PATIENCE)).as(some.output()).isZero();
    }

    @Test
    void aBridgeThatGoesAwayIsWaitedFor() throws Exception {
        // Given
        BridgeJvm bridge = site.start().awaitReady();
        BridgeJvm tail = site.startLauncher("tail");
        String before = send("queue-a");
        awaitTold(tail, before);

        // When
        bridge.kill();
        bridge.awaitExit(PATIENCE);
        awaitTold(tail, "The bridge is away; waiting for it. No bridge answers: http://127.0.0.1:");
        site.bus().goAway();
        site.start().awaitReady();
        awaitTold(tail, "The bridge is back");
        String after = send("queue-a");

        // Then
        awaitTold(tail, after);
        assertThat(tail.output()).containsPattern("queued .*" + after + " +queue-a +Connection: ")
                .containsOnlyOnce("away").containsOnlyOnce("is back").containsOnlyOnce(before);
        tail.terminate();
        assertThat(tail.awaitExit(PATIENCE)).isZero();
    }

    @Test
    void whereNothingIsToBeFollowedItSaysWhy() {
        // When
        BridgeJvm alone = site.startLauncher("tail");
        BridgeJvm odd = site.startLauncher("tail", "--outcome=lost");

        // Then
        assertThat(alone.awaitExit(PATIENCE)).isEqualTo(2);
        assertThat(alone.output()).startsWith("No bridge answers: ").hasLineCount(1);
        assertThat(odd.awaitExit(PATIENCE)).isEqualTo(2);
        assertThat(odd.output()).startsWith("tail: --outcome is one of dead_lettered, duplicate_skipped, ")
                .hasLineCount(1);
    }
}

package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/**
 * The audit log has no room left, in the middle of a line. The operating system's limit of a file's size stands for the
 * full disk: the audit log alone is that large.
 */
@EnabledOnOs(OS.LINUX)
class FullLogDiskIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final long LARGE = 60_000_000;
    private static final int ROOM = 1500;
    private static final int EVENTS = 40;

    private final BridgeSite site = new BridgeSite();
    private final EventFactory events = new EventFactory();

    @AfterEach
    void close() {
        site.close();
    }

    @Test
    void everyEventHasItsOutcomeAndWritingGoesOnWithWholeLines() throws Exception {
        // Given
        Path audit = site.path("logs/audit.jsonl");
        Files.createDirectories(audit.getParent());
        try (RandomAccessFile file = new RandomAccessFile(audit.toFile(), "rw")) {
            file.seek(LARGE - 1);
            file.write('\n');
        }
        BridgeJvm bridge = site.start().awaitReady();
        limit(bridge, Long.toString(LARGE + ROOM));

        // When
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            answers.add(outcome(events.validEvent()));
        }
        SampleEvent repeated = events.validEvent();
        for (int i = 0; i < 6; i++) {
            answers.add(outcome(repeated));
        }
        int ready = site.manage("/observe/health/ready").statusCode();
        String health = site.manage("/observe/health").body();
        long missing = missing();
        limit(bridge, "unlimited");
        long sent = EVENTS + 6;
        for (long size = Files.size(audit); Files.size(audit) <= size; sent++) {
            answers.add(outcome(events.validEvent()));
        }

        // Then
        assertThat(answers.subList(0, EVENTS + 1)).containsOnly("200 processed");
        assertThat(answers.subList(EVENTS + 1, EVENTS + 6)).containsOnly("200 duplicate_skipped");
        assertThat(answers.subList(EVENTS + 6, answers.size())).containsOnly("200 processed");
        assertThat(site.bus().timesDelivered().values()).containsOnly(1);
        assertThat(ready).isEqualTo(200);
        assertThat(health).contains("cannot be written to: File too large, " + missing + " lines are missing");
        List<JsonNode> lines = lines(audit);
        assertThat(missing).isPositive();
        assertThat(lines).hasSize((int) (sent - missing())).allSatisfy(line ->
                assertThat(line.path("status").asText()).isIn("SUCCESS", "DUPLICATE"));
        await().untilAsserted(() -> assertThat(bridge.output().lines().filter(line -> line.contains("audit log")))
                .hasSize(2).last().asString().endsWith("missing=" + missing()));
    }

    private static void limit(BridgeJvm bridge, String bytes) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("prlimit", "--pid", Long.toString(bridge.pid()),
                "--fsize=" + bytes + ":unlimited").inheritIO().start().waitFor();
        assertThat(exit).isZero();
    }

    private String outcome(SampleEvent event) throws Exception {
        HttpResponse<String> reply = site.post(BridgeSite.PATH, event.json());
        JsonNode body = JSON.readTree(reply.body());
        return reply.statusCode() + " " + body.path("status").asText(body.path("error").asText());
    }

    private long missing() throws Exception {
        return site.manage("/observe/metrics").body().lines()
                .filter(line -> line.startsWith("bridge_audit_unwritten_total "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .findFirst().orElseThrow();
    }

    /** Those behind what was there before. */
    private static List<JsonNode> lines(Path audit) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        try (RandomAccessFile file = new RandomAccessFile(audit.toFile(), "r")) {
            file.seek(LARGE);
            byte[] rest = new byte[(int) (file.length() - LARGE)];
            file.readFully(rest);
            String text = new String(rest, StandardCharsets.UTF_8);
            assertThat(text).endsWith("\n");
            for (String line : text.lines().toList()) {
                lines.add(JSON.readTree(line));
            }
        }
        return lines;
    }
}

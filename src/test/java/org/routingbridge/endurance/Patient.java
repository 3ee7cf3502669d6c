package org.routingbridge.endurance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.routingbridge.benchmark.Usage;
import org.routingbridge.it.BridgeJvm;
import org.routingbridge.it.BridgeSite;

/** A packaged bridge that runs, and how it is: by its own metrics and books, and by what the system says of it. */
public final class Patient {

    private static final String HEAP = "jvm_memory_used_bytes{area=\"heap\"";
    private static final Duration UNTIL_COLLECTED = Duration.ofSeconds(30);
    private static final int COLLECTIONS = 2;

    private final JsonMapper json = new JsonMapper();
    private final BridgeSite site;
    private final BridgeJvm bridge;
    private final ProcessHandle process;
    private final long began = System.nanoTime();

    /** Starts one and waits until it is ready. */
    public Patient(BridgeSite site) {
        this.site = site;
        bridge = site.start().awaitReady();
        process = ProcessHandle.of(bridge.pid()).orElseThrow();
    }

    long pid() {
        return bridge.pid();
    }

    /** What it has written so far. */
    public String output() {
        return bridge.output();
    }

    /** Since it was started. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    Vitals vitals() throws IOException, InterruptedException {
        String metrics = site.manage("/observe/metrics").body();
        JsonNode books = books();
        return new Vitals(age(), (long) sum(metrics, HEAP),
                Usage.of(process).bytes(), Usage.threads(process), Usage.descriptors(process), logBytes(),
                books.at("/outbox/pending").asLong(-1), (long) sum(metrics, "bridge_datalake_pending "),
                (long) sum(metrics, "bridge_dead_letters "), books.path("balanced").asBoolean());
    }

    private long logBytes() {
        try {
            return Files.size(site.path("data/bridge.db-wal"));
        } catch (IOException e) {
            return 0;
        }
    }

    JsonNode books() throws IOException, InterruptedException {
        return json.readTree(site.manage("/ops/accounting").body());
    }

    /** What is in the heap once it is collected, by the JDK's own tool; what is only waiting is not counted. */
    public long liveHeapBytes() throws IOException, InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(pid()), "GC.run")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start().waitFor(UNTIL_COLLECTED.toSeconds(), TimeUnit.SECONDS);
        }
        return (long) sum(site.manage("/observe/metrics").body(), HEAP);
    }

    private static double sum(String metrics, String name) {
        return metrics.lines().filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }
}

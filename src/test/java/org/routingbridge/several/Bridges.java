package org.routingbridge.several;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.routingbridge.it.BridgeJvm;
import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.EventBridgeSimulator;

/** Several bridges as processes, on one PostgreSQL and one bus. */
final class Bridges implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int PAGE = 1000;

    private final JsonMapper json = new JsonMapper();
    private final List<BridgeSite> sites = new ArrayList<>();
    private final String storeUrl;
    private final BridgeJvm[] processes;
    private boolean anyCold;

    Bridges(int count, String storeUrl) {
        this.storeUrl = storeUrl;
        processes = new BridgeJvm[count];
        for (int i = 0; i < count; i++) {
            sites.add(new BridgeSite());
        }
        sites.forEach(this::join);
    }

    private BridgeSite join(BridgeSite site) {
        return site.with("AWS_ENDPOINT_URL_EVENTBRIDGE", bus().endpoint())
                .with("BRIDGE_STORE_URL", storeUrl).with("BRIDGE_STORE_USER", PostgresProcess.USER)
                .with("BRIDGE_STORE_PASSWORD", "nobody-asks-for-it-here")
                .with("BRIDGE_REGISTRATION_ENABLED", false).with("BRIDGE_OUTBOX_RETRY_MAX_DELAY", "2s")
                .without("DATA_LAKE_WEBHOOK_URL");
    }

    /** For one more, which is none of these: the same store and bus, and whatever it is given otherwise. */
    BridgeSite siteOfAnother() {
        return join(new BridgeSite());
    }

    /** A variable of all that are started from now on. */
    Bridges with(String variable, Object value) {
        sites.forEach(site -> site.with(variable, value));
        return this;
    }

    int count() {
        return sites.size();
    }

    /** One of them, from 0. */
    BridgeSite site(int number) {
        return sites.get(number);
    }

    EventBridgeSimulator bus() {
        return sites.get(0).bus();
    }

    /** Where each takes events. */
    List<URI> webhooks() {
        return sites.stream().map(site -> URI.create("http://127.0.0.1:" + site.port() + BridgeSite.PATH)).toList();
    }

    /** All at once, as after a power cut; ready when this returns. */
    Bridges start() {
        for (int i = 0; i < count(); i++) {
            start(i);
        }
        Arrays.stream(processes).forEach(BridgeJvm::awaitReady);
        awaitReady();
        return this;
    }

    void start(int number) {
        processes[number] = sites.get(number).start();
        anyCold = true;
    }

    /** Whether one was started since all were {@link #warm() warm}. */
    boolean isAnyCold() {
        return anyCold;
    }

    /** All have had events enough to have compiled what these need. */
    void warm() {
        anyCold = false;
    }

    /** By SIGKILL, and dead when this returns. */
    void kill(int number) {
        assertAlive(number);
        processes[number].kill();
        processes[number].awaitExit(PATIENCE);
    }

    /** By SIGTERM. */
    BridgeJvm terminate(int number) {
        assertAlive(number);
        processes[number].terminate();
        return processes[number];
    }

    /** It stands still, its connections open. */
    void freeze(int number) {
        signal("STOP", number);
    }

    /** It goes on. */
    void thaw(int number) {
        signal("CONT", number);
    }

    private void signal(String name, int number) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(processes[number].pid())).start().onExit().join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertAlive(int number) {
        if (!processes[number].isAlive()) {
            throw new AssertionError("bridge " + number + " ended by itself:\n" + processes[number].output());
        }
    }

    boolean isReady(int number) {
        try {
            return processes[number].isAlive() && sites.get(number).manage("/observe/health/ready").statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void awaitReady(int number) {
        await("bridge " + number + " to be ready").atMost(PATIENCE).failFast(() -> assertAlive(number))
                .until(() -> isReady(number));
    }

    void awaitReady() {
        for (int i = 0; i < count(); i++) {
            awaitReady(i);
        }
    }

    /** The books, as one of them has them. */
    JsonNode accounting(int number) throws IOException, InterruptedException {
        return json.readTree(sites.get(number).manage("/ops/accounting").body());
    }

    /** Returns once nothing waits, as one of them says, and the books of all together balance. */
    void awaitDrained(int number) {
        await("an empty outbox").atMost(PATIENCE).ignoreExceptions()
                .until(() -> accounting(number).at("/sum/outbox/pending").asInt(-1) == 0
                        && accounting(number).at("/sum/balanced").asBoolean());
    }

    /** The ids of what stands among the dead letters, as one of them lists them. */
    Set<String> deadLetters(int number) throws IOException, InterruptedException {
        Set<String> ids = new HashSet<>();
        for (int offset = 0; ; offset += PAGE) {
            JsonNode letters = json.readTree(sites.get(number)
                    .manage("/ops/dead-letters?limit=" + PAGE + "&offset=" + offset).body());
            letters.forEach(letter -> ids.add(letter.path("eventId").asText()));
            if (letters.size() < PAGE) {
                return ids;
            }
        }
    }

    /** The ids of what one of them took for new by its own memory alone, since the store did not answer in time. */
    Set<String> undeduplicated() throws IOException {
        Set<String> ids = new HashSet<>();
        for (BridgeSite site : sites) {
            for (String line : Files.readAllLines(site.path("logs/audit.jsonl"))) {
                if (line.contains("\"deduplicated\":false")) {
                    ids.add(json.readTree(line).path("eventId").asText());
                }
            }
        }
        return ids;
    }

    @Override
    public void close() {
        sites.forEach(BridgeSite::close);
    }
}

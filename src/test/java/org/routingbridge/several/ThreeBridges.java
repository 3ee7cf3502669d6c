package org.routingbridge.several;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Three bridges as processes on one PostgreSQL, for a class of tests: each case leaves its bridges to the next one, if
 * all went well. What was found goes to {@code target/several-report.txt}.
 */
final class ThreeBridges implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    static final int COUNT = 3;
    static final int EVENTS_A_SECOND = Integer.getInteger("several.rate", 60);
    /** Whether what can be had together has a case of its own. */
    static final boolean EACH = Boolean.getBoolean("several.each");
    /** For how long what the bridges need is away. */
    static final Duration AWAY = Duration.ofSeconds(Integer.getInteger("several.away.seconds", 3));
    /** For how long all is well before that, and after it. */
    static final Duration BEFORE_AND_AFTER = Duration.ofSeconds(EACH ? 2 : 1);
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Path REPORT = Path.of("target", "several-report.txt");
    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final CountDownLatch NOTHING = new CountDownLatch(1);

    private PostgresProcess postgres;
    /** Of the case before, ready; null where there are none. */
    private Bridges left;
    private Bridges bridges;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Files.deleteIfExists(REPORT);
        postgres = new PostgresProcess();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        closeThoseLeft();
        postgres.close();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (bridges != null) {
            bridges.close();
            bridges = null;
            postgres.mend();
        }
    }

    private void closeThoseLeft() {
        if (left != null) {
            left.close();
            left = null;
        }
    }

    PostgresProcess postgres() {
        return postgres;
    }

    /** Three that are ready, have compiled what they need, and hold nothing. */
    Bridges take() throws InterruptedException, IOException {
        takeAsTheyAre();
        // one that waited for EventBridge may not have found out yet that it is back
        for (URI webhook : bridges.webhooks()) {
            await("200 of " + webhook).atMost(PATIENCE).until(() -> firstReply(webhook) == 200);
        }
        if (bridges.isAnyCold()) {
            warmUp();
        }
        bridges.bus().clear();
        return bridges;
    }

    /** Three that are ready; what they have compiled and hold does not matter. */
    Bridges takeAsTheyAre() throws InterruptedException, IOException {
        if (left == null) {
            return start();
        }
        bridges = left;
        left = null;
        return bridges;
    }

    /** Three new ones, with what docs/several-bridges.md advises. */
    private Bridges start() throws InterruptedException, IOException {
        bridges = new Bridges(COUNT, postgres.newDatabase()).with("BRIDGE_SHUTDOWN_DELAY", "3s")
                .with("BRIDGE_ORDERING_TOLERANCE", "30s");
        bridges.start();
        warmUp();
        bridges.bus().clear();
        return bridges;
    }

    /** Bridges that have compiled what they need, as those that run for a while have. */
    private void warmUp() throws InterruptedException, IOException {
        try (Senders senders = new Senders(bridges.webhooks(), 0).start(EVENTS_A_SECOND)) {
            pass(WARM_UP);
            senders.stopOffering();
            await("every sender's end").atMost(PATIENCE).until(() -> senders.open() == 0);
        }
        bridges.awaitDrained(0);
        bridges.warm();
    }

    private static int firstReply(URI webhook) throws InterruptedException {
        try (Senders senders = new Senders(List.of(webhook), 0).start(1)) {
            await("an event").until(() -> !senders.sent().isEmpty());
            senders.stopOffering();
            await("an answer").atMost(PATIENCE).until(() -> senders.open() == 0);
            return senders.sent().get(0).replies().get(0).status();
        }
    }

    /** To the next case, which a case that fails does not come to. */
    void leave() {
        bridges.bus().clear();
        left = bridges;
        bridges = null;
    }

    /** Lets events come for so long. */
    static void pass(Duration duration) throws InterruptedException {
        NOTHING.await(duration.toMillis(), TimeUnit.MILLISECONDS);
    }

    void report(String title, Object found) throws IOException {
        String text = title + System.lineSeparator() + "  " + found + System.lineSeparator();
        System.out.println(text);
        Files.writeString(REPORT, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Once every sender has come to its end and nothing waits. */
    Findings findings(Senders senders) throws IOException, InterruptedException {
        senders.stopOffering();
        await("every sender's end").atMost(PATIENCE).until(() -> senders.open() == 0);
        bridges.awaitReady();
        bridges.awaitDrained(0);
        Findings found = Findings.of(senders.sent(), bridges.bus().delivered(), bridges.deadLetters(0),
                bridges.undeduplicated());
        found.stories(senders.sent(), bridges.bus().delivered()).forEach(System.out::println);
        return found;
    }
}

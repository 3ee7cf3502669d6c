package org.routingbridge.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.routingbridge.cli.ManagementPort.Answer;
import org.routingbridge.failure.FailureText;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.ManagementAccess;
import org.routingbridge.settings.Settings;
import org.routingbridge.store.Books;
import org.routingbridge.store.Books.Entry;
import org.routingbridge.store.PostgresAddress;
import org.routingbridge.store.StoreSummary;

/** Whether a bridge runs and is ready, and what the store holds, by its word or else by the store's own books. */
record BridgeExamination(Settings settings) implements Examination {

    private static final String BRIDGE = "bridge";
    private static final String STORE = "store";
    private static final int OK = 200;
    private static final int NOT_READY = 503;
    private static final double NEARLY_FULL = 0.9;
    private static final long MEGABYTE = 1024 * 1024;

    /** How much there is. */
    private record Contents(long bytes, long outbox, long notifications, long deadLetters) {
    }

    @Override
    public String subject() {
        return BRIDGE;
    }

    @Override
    public String mend() {
        return "look at " + Settings.nameOf("bridge.management.port") + " and at the log of the bridge";
    }

    @Override
    public List<Observation> look() throws Exception {
        List<Observation> seen = new ArrayList<>();
        try {
            ManagementPort bridge = new ManagementPort(ManagementAccess.of(settings));
            Answer ready = bridge.get("/observe/health/ready", Map.of());
            if (!ready.json().hasNonNull("status")) {
                throw bridge.refusal(ready);
            }
            seen.add(readiness(ready));
            seen.addAll(contents(metrics(bridge.get("/observe/metrics", Map.of()).body())));
        } catch (NoBridge e) {
            seen.add(Observation.finding(BRIDGE, e.what(), e.mend()));
            seen.addAll(settings.sharedStore() ? sharedStore() : storeThatNobodyUses());
        }
        return seen;
    }

    private static Observation readiness(Answer answer) {
        if (answer.status() == OK) {
            return Observation.well(BRIDGE, "runs and is ready");
        }
        String reasons = String.join("; ", reasons(answer.json()));
        return Observation.finding(BRIDGE, "runs and is not ready" + (reasons.isEmpty() ? "" : ": " + reasons),
                answer.status() == NOT_READY ? "mend what it names; docs/operations.md says how" : "look at its log");
    }

    private static List<String> reasons(JsonNode health) {
        List<String> reasons = new ArrayList<>();
        health.path("checks").forEach(check -> Stream.of(check.path("data").path("reason").asText(""))
                .filter(reason -> !reason.isEmpty()).map(FailureText::fit).forEach(reasons::add));
        return reasons;
    }

    /** The gauges without labels, by their names. */
    static Map<String, Double> metrics(String text) {
        Map<String, Double> gauges = new HashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).map(line -> line.split(" "))
                .filter(words -> words.length == 2).forEach(words -> {
                    try {
                        gauges.put(words[0], Double.parseDouble(words[1]));
                    } catch (NumberFormatException e) {
                        // nothing of the bridge's
                    }
                });
        return gauges;
    }

    private List<Observation> contents(Map<String, Double> gauges) {
        if (!gauges.containsKey("bridge_outbox_bytes")) {
            return List.of();
        }
        return contents(new Contents(gauges.get("bridge_outbox_bytes").longValue(),
                gauges.getOrDefault("bridge_outbox_depth", 0.0).longValue(),
                gauges.getOrDefault("bridge_datalake_pending", 0.0).longValue(),
                gauges.getOrDefault("bridge_dead_letters", 0.0).longValue()));
    }

    private List<Observation> storeThatNobodyUses() throws IOException {
        if (!StoreSummary.isIn(settings.dataDirectory())) {
            return List.of(Observation.well(STORE, "none yet"));
        }
        // nobody else can have it while it is looked at, which is a moment
        try (DataDirectory claimed = DataDirectory.claim(settings)) {
            StoreSummary summary = StoreSummary.of(claimed);
            if (summary.books() == null) {
                return List.of(Observation.finding(STORE, "The store cannot be read: it is damaged, or another"
                        + " version's", "start the bridge, which goes on with what is intact and names what is"
                        + " missing"));
            }
            return contents(summary.books());
        } catch (InvalidSettings e) {
            return List.of(Observation.finding(STORE, e.problems().get(0), "where that is a bridge that starts or ends,"
                    + " ask again in a moment"));
        }
    }

    private List<Observation> sharedStore() {
        PostgresAddress address = new PostgresAddress(settings.storeUrl(), settings.storeUser(),
                settings.storePassword());
        try {
            StoreSummary summary = StoreSummary.of(address);
            if (summary == null) {
                return List.of(Observation.well(STORE, "none yet in " + address));
            }
            return summary.books() == null ? List.of(Observation.finding(STORE, "The store " + address + " is another"
                    + " version's", "start that version, or set another " + Settings.nameOf("bridge.store.url")))
                    : contents(summary.books());
        } catch (IOException e) {
            return List.of(Observation.finding(STORE, "The store " + address + " cannot be read: " + e.getMessage(),
                    "look at " + Settings.nameOf("bridge.store.url") + ", user and password, and at the server"));
        }
    }

    private List<Observation> contents(Books books) {
        return contents(new Contents(books.bytes(), books.of(Entry.OUTBOX_ROWS), books.of(Entry.NOTIFICATION_ROWS),
                books.of(Entry.DEAD_LETTER_ROWS)));
    }

    private List<Observation> contents(Contents contents) {
        List<Observation> seen = new ArrayList<>();
        String what = String.format(Locale.ROOT, "%.1f of %d MB: %d events in the outbox, %d notifications,"
                + " %d dead letters", (double) contents.bytes() / MEGABYTE, settings.outboxMaxBytes() / MEGABYTE,
                contents.outbox(), contents.notifications(), contents.deadLetters());
        if (contents.bytes() > NEARLY_FULL * settings.outboxMaxBytes()) {
            seen.add(Observation.finding(STORE, what, "mend what holds up EventBridge or the data lake, delete dead"
                    + " letters, or raise " + Settings.nameOf("bridge.outbox.max.bytes")));
        } else {
            seen.add(Observation.well(STORE, what));
        }
        if (contents.deadLetters() > 0) {
            seen.add(Observation.finding(STORE, contents.deadLetters() + " dead letters", "GET /ops/dead-letters gives"
                    + " the reason of each; mend it, then replay or delete them, best on the page at /ops"));
        }
        return seen;
    }
}

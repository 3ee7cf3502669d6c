package org.routingbridge.simulator;

import java.io.PrintStream;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Prints one line for each event. The line of a published event waits a moment for the data lake, which hears of it
 * after the reply.
 */
final class FatePrinter {

    static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT)
            .withZone(ZoneId.systemDefault());
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final long LOOK_MILLIS = 20;
    private static final int LONGEST_NOTE = 100;

    private final EventBridgeSimulator eventBridge;
    private final DataLakeSimulator dataLake;
    private final PrintStream out;
    private boolean closing;
    private final ScheduledExecutorService printer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "sandbox-printer");
        thread.setDaemon(true);
        return thread;
    });

    FatePrinter(EventBridgeSimulator eventBridge, DataLakeSimulator dataLake, PrintStream out) {
        this.eventBridge = eventBridge;
        this.dataLake = dataLake;
        this.out = out;
    }

    void print(EventFate fate) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        printer.execute(() -> printWhenTold(fate, deadline));
    }

    /** Prints what still waits, without waiting for the data lake any longer. */
    void close() throws InterruptedException {
        // In the printer's own thread, so that no line is put off between the two.
        printer.execute(() -> {
            closing = true;
            printer.shutdown();
        });
        printer.awaitTermination(10, TimeUnit.SECONDS);
        out.flush();
    }

    private void printWhenTold(EventFate fate, long deadline) {
        boolean published = fate.accepted() && fate.word().equals("processed");
        if (published && !closing && dataLake.timesNotified(fate.eventId()) == 0 && System.nanoTime() < deadline) {
            printer.schedule(() -> printWhenTold(fate, deadline), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            out.println(line(fate));
        }
    }

    String line(EventFate fate) {
        String id = fate.eventId().isEmpty() ? "-" : fate.eventId().substring(0, Math.min(8, fate.eventId().length()));
        return String.format(Locale.ROOT, "%s  %-28s  %-8s  %-8s  %3s %-18s  %6d ms  %s", CLOCK.format(fate.sentAt()),
                orDash(fate.eventType()), id, orDash(fate.queueId()), fate.answered() ? fate.status() : "---",
                fate.word(), fate.took().toMillis(), note(fate)).stripTrailing();
    }

    private String note(EventFate fate) {
        String note = switch (fate.accepted() ? fate.word() : "") {
            case "processed" -> (onTheBus(fate) ? "on the bus" : "NOT on the bus")
                    + (dataLake.timesNotified(fate.eventId()) > 0 ? ", told to the data lake" : "");
            case "queued" -> onTheBus(fate) ? "on the bus" : "in the outbox";
            case "dead_lettered" -> "among the dead letters";
            case "duplicate_skipped" -> "sent before";
            default -> fate.message().length() > LONGEST_NOTE
                    ? fate.message().substring(0, LONGEST_NOTE) + "..." : fate.message();
        };
        return note + (fate.tries() > 1 ? " (" + fate.tries() + " tries)" : "")
                + (fate.expected() ? "" : " (unexpected for an event sent as " + fate.kind() + ")");
    }

    private boolean onTheBus(EventFate fate) {
        return eventBridge.timesDelivered(fate.eventId()) > 0;
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}

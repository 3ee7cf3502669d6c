package org.routingbridge.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a crash run found.
 *
 * @param replies         what the senders got, by status; 0 for no reply
 * @param accepted        events that were answered 2xx at least once
 * @param givenUp         events whose sender gave up after six requests, as CXone would
 * @param lost            ids that were answered 2xx and are neither on the bus nor listed
 * @param listed          events among the dead letters at the end
 * @param duplicates      entries on the bus beyond the first of their event
 * @param strayTokens     ids of which the bus holds different tokens
 * @param unbalanced      times that the books were read and did not balance
 * @param longestRecovery from a kill to the next {@code Bridge ready}
 * @param drained         from the end of all trouble until the outbox was empty
 */
record CrashReport(long seed, int kills, int perSecond, int outages, int offered, Map<Integer, Integer> replies,
                   int accepted, int givenUp, Set<String> lost, int listed, int duplicates, Set<String> strayTokens,
                   int unbalanced, Duration longestRecovery, Duration drained, Duration took) {

    private static final Path FILE = Path.of("target", "crash-report.txt");

    /** Prints it and leaves it in {@code target/crash-report.txt}. */
    void publish() throws IOException {
        System.out.println(this);
        Files.writeString(FILE, this + System.lineSeparator());
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, """
                Crash run, seed %d, %.0f s
                  kills by SIGKILL            %,d
                  EventBridge outages         %,d
                  events offered              %,d at %,d a second
                  replies by status           %s
                  answered 2xx                %,d
                  given up by their sender    %,d
                  lost                        %,d
                  listed as dead letters      %,d
                  duplicates on the bus       %,d, of them with another idempotencyToken: %,d
                  books out of balance        %,d times
                  longest recovery            %.1f s
                  drained after the last one  %.1f s""",
                seed, seconds(took), kills, outages, offered, perSecond, replies, accepted, givenUp, lost.size(),
                listed, duplicates, strayTokens.size(), unbalanced, seconds(longestRecovery), seconds(drained));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}

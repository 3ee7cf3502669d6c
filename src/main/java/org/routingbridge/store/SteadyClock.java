package org.routingbridge.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * Milliseconds that pass as fast as time does, whatever is done to the wall clock: what the store's ages and pauses are
 * measured by. It begins at the wall clock's time and goes on by the monotonic clock. Over a restart it goes on by the
 * smaller of what the wall clock says has passed and, where the machine has not been restarted, what the monotonic
 * clock says; so a clock set forward ages nothing, and one set back makes nothing wait.
 */
public final class SteadyClock {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final long NANOS = 1_000_000;

    /**
     * A moment by all clocks, as it is kept from one process to the next.
     *
     * @param steadyMillis this clock's time
     * @param wallMillis   the wall clock's, since the epoch
     * @param nanoTime     {@link System#nanoTime()}, which on Linux counts from the machine's start
     * @param bootId       which start of the machine that was; empty where it cannot be told
     */
    public record Mark(long steadyMillis, long wallMillis, long nanoTime, String bootId) {
    }

    private final Clock wall;
    private final LongSupplier nanoTime;
    private final String bootId;
    private volatile Anchor anchor;
    private long wallAhead;

    private record Anchor(long millis, long nanos) {
    }

    public SteadyClock() {
        this(Clock.systemUTC(), System::nanoTime, readBootId());
    }

    /**
     * By other clocks than the machine's.
     *
     * @param bootId which start of the machine the second one counts from; empty where it cannot be told
     */
    public SteadyClock(Clock wall, LongSupplier nanoTime, String bootId) {
        this.wall = wall;
        this.nanoTime = nanoTime;
        this.bootId = bootId;
        anchor = new Anchor(wall.millis(), nanoTime.getAsLong());
    }

    private static String readBootId() {
        try {
            return Files.isReadable(BOOT_ID) ? Files.readString(BOOT_ID, StandardCharsets.US_ASCII).strip() : "";
        } catch (IOException e) {
            return "";
        }
    }

    public long millis() {
        Anchor from = anchor;
        return from.millis() + (nanoTime.getAsLong() - from.nanos()) / NANOS;
    }

    /**
     * By how much the wall clock was set since this was asked last: milliseconds forward, or below zero back.
     */
    synchronized long setBy() {
        long ahead = wall.millis() - millis();
        long before = wallAhead;
        wallAhead = ahead;
        return ahead - before;
    }

    public Mark mark() {
        return new Mark(millis(), wall.millis(), nanoTime.getAsLong(), bootId);
    }

    /**
     * Goes on from another clock's time: where several bridges share a store, that of the database.
     *
     * @param millis since the epoch, as it is now
     */
    public synchronized void follow(long millis) {
        long before = millis();
        anchor = new Anchor(millis, nanoTime.getAsLong());
        // that this clock was set says nothing of the machine's
        wallAhead -= millis - before;
    }

    /** Goes on from what the last process has kept; where the wall clock was set meanwhile, {@link #setBy} tells. */
    public synchronized void resume(Mark last) {
        long nanos = nanoTime.getAsLong();
        long passed = wall.millis() - last.wallMillis();
        long setMeanwhile = Math.min(0, passed);
        if (!bootId.isEmpty() && bootId.equals(last.bootId())) {
            long passedSteadily = (nanos - last.nanoTime()) / NANOS;
            setMeanwhile = passed - passedSteadily;
            passed = Math.min(passed, passedSteadily);
        }
        anchor = new Anchor(last.steadyMillis() + Math.max(0, passed), nanos);
        wallAhead = wall.millis() - millis() - setMeanwhile;
    }
}

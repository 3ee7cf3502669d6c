package org.routingbridge.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

import org.routingbridge.settings.OwnerOnly;
import org.routingbridge.settings.Settings;

/**
 * The disk of the data directory: whether it can be written to, how much room it has, and how long it takes to sync,
 * which is what a reply waits for when its event is kept.
 */
record DiskExamination(Settings settings) implements Examination {

    private static final String KEY = "bridge.data.dir";
    private static final int SYNCS = 9;
    private static final int WRITTEN = 4096;
    private static final Duration SLOW = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(3);
    private static final long MEGABYTE = 1024 * 1024;

    @Override
    public String subject() {
        return "disk";
    }

    @Override
    public String mend() {
        return "see that the disk under " + Settings.nameOf(KEY) + " answers";
    }

    @Override
    public List<Observation> look() throws IOException {
        Path data = settings.dataDirectory().toAbsolutePath().normalize();
        Path there = data;
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        String where = data + (there.equals(data) ? "" : " (not there yet; looked at " + there + ")");
        List<Observation> seen = new ArrayList<>();
        try {
            seen.add(speed(where, medianSync(there)));
        } catch (IOException e) {
            return List.of(Observation.finding(subject(), where + " cannot be written to", "give the bridge's user the"
                    + " right to, make room, or set another directory by " + Settings.nameOf(KEY)));
        }
        long mayGrow = Math.max(0, settings.outboxMaxBytes() - storeBytes(data));
        seen.add(room(Files.getFileStore(there).getUsableSpace(), mayGrow));
        return seen;
    }

    private static long storeBytes(Path data) throws IOException {
        Path store = data.resolve("bridge.db");
        return Files.isRegularFile(store) ? Files.size(store) : 0;
    }

    private static Duration medianSync(Path directory) throws IOException {
        Path file = directory.resolve(".doctor-" + UUID.randomUUID());
        long[] nanos = new long[SYNCS];
        int done = 0;
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE), OwnerOnly.ofNewFile())) {
            long begin = System.nanoTime();
            while (done < SYNCS && System.nanoTime() - begin < LONGEST.toNanos()) {
                ByteBuffer some = ByteBuffer.allocate(WRITTEN);
                long before = System.nanoTime();
                while (some.hasRemaining()) {
                    channel.write(some);
                }
                channel.force(true);
                nanos[done++] = System.nanoTime() - before;
            }
        } finally {
            Files.deleteIfExists(file);
        }
        Arrays.sort(nanos, 0, done);
        return Duration.ofNanos(nanos[done / 2]);
    }

    private Observation speed(String where, Duration sync) {
        String what = String.format(Locale.ROOT, "%s can be written to, and syncs in %.1f ms", where,
                sync.toNanos() / 1e6);
        return sync.compareTo(SLOW) <= 0 ? Observation.well(subject(), what)
                : Observation.finding(subject(), what, "use a faster disk, and one of this machine: a reply waits for"
                        + " it when its event is kept");
    }

    /** @param mayGrow bytes by which the store may grow yet */
    Observation room(long free, long mayGrow) {
        String what = free / MEGABYTE + " MB are free";
        return free >= mayGrow ? Observation.well("room", what)
                : Observation.finding("room", what + ", and the store may grow by " + mayGrow / MEGABYTE + " MB",
                        "make room, or lower " + Settings.nameOf("bridge.outbox.max.bytes"));
    }
}

package org.routingbridge.idempotency;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the accepted ids over restarts: a line for each, with the millisecond it was accepted, appended and synced
 * every half a second, so that a crash forgets the last second's ids at most (contract, section 3). A file is left
 * behind once all of its ids have expired.
 */
final class SeenJournal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SeenJournal.class);
    private static final Duration SYNC = Duration.ofMillis(500);
    private static final int FILES_PER_WINDOW = 4;
    private static final String SUFFIX = ".ids";
    private static final Pattern LINE = Pattern.compile("\\d{1,15} [0-9A-Fa-f-]{36}");

    private final Path directory;
    private final Duration ttl;
    private final Clock clock;
    private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService syncing = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "seen-journal");
        thread.setDaemon(true);
        return thread;
    });
    private final StringBuilder unwritten = new StringBuilder();
    private FileChannel channel;
    private long channelSince;
    private boolean failing;

    SeenJournal(Path directory, Duration ttl, Clock clock) {
        this.directory = directory;
        this.ttl = ttl;
        this.clock = clock;
    }

    /**
     * Reads what was written and goes on writing.
     *
     * @param seen takes each id that has not expired, with when it was accepted, in epoch milliseconds
     */
    void open(ObjLongConsumer<String> seen) {
        try {
            Files.createDirectories(directory);
            for (Path file : files()) {
                read(file, seen);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The ids that were accepted cannot be read from " + directory
                    + "; give the bridge's user the right to, or move the directory away to forget them", e);
        }
        syncing.scheduleWithFixedDelay(this::sync, SYNC.toMillis(), SYNC.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void read(Path file, ObjLongConsumer<String> seen) throws IOException {
        int unreadable = 0;
        // line by line: all lines at once would be more memory than the ids themselves
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int blank = line.indexOf(' ');
                if (LINE.matcher(line).matches()) {
                    seen.accept(line.substring(blank + 1), Long.parseLong(line.substring(0, blank)));
                } else if (!line.isEmpty()) {
                    unreadable++;
                }
            }
        }
        if (unreadable > 0) {
            LOG.warn("Some accepted ids cannot be read; an event of theirs that is sent again is published again"
                    + " file={} lines={}", file, unreadable);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return new ArrayList<>(
                    files.filter(file -> file.getFileName().toString().endsWith(SUFFIX)).sorted().toList());
        }
    }

    void add(String id, long acceptedAt) {
        lines.add(acceptedAt + " " + id + "\n");
    }

    private synchronized void sync() {
        for (String line = lines.poll(); line != null; line = lines.poll()) {
            unwritten.append(line);
        }
        if (unwritten.isEmpty()) {
            return;
        }
        try {
            long now = clock.millis();
            if (channel == null || now - channelSince > ttl.toMillis() / FILES_PER_WINDOW) {
                roll(now);
            }
            write();
            unwritten.setLength(0);
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                LOG.error("Accepted ids cannot be written down and are tried again; after a crash their events would be"
                        + " published again directory={} reason={}", directory, e.getMessage());
            }
            failing = true;
        }
    }

    /** All of it or nothing, so that no line is left half. */
    private void write() throws IOException {
        long end = channel.size();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(unwritten.toString().getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (IOException e) {
            channel.truncate(end);
            throw e;
        }
    }

    private void roll(long now) throws IOException {
        if (channel != null) {
            channel.close();
        }
        channel = FileChannel.open(directory.resolve(String.format("%016d", now) + SUFFIX), StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        channelSince = now;
        long expired = now - ttl.toMillis() - ttl.toMillis() / FILES_PER_WINDOW;
        for (Path file : files()) {
            if (Files.getLastModifiedTime(file).toMillis() < expired) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void close() {
        syncing.shutdown();
        sync();
    }
}

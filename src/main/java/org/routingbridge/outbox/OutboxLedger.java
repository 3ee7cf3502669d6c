package org.routingbridge.outbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.routingbridge.settings.DataDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows by id what the broker has to hold, in a file that is not the broker's, so that what damage takes from the
 * broker's files is missed and named. The broker itself skips what it cannot read and says nothing.
 *
 * <p>A line {@code +id} is written once the broker has synced the message, {@code -id} before it lets go of it; what
 * moves from one queue to another has a line for each. So a killed process leaves no id behind that the broker does not
 * hold. The lines are synced every half a second: after a power failure, what left the broker in the last one may be
 * missed without need.
 */
public final class OutboxLedger implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxLedger.class);
    private static final Duration SYNC = Duration.ofMillis(500);
    private static final Pattern LINE = Pattern.compile("[+-][0-9A-Za-z-]{1,64}");
    /** Lines beyond those that count, before the file is written anew. */
    private static final int SPENT_LINES = 50_000;

    private final Path file;
    /** How often each id has come more than it has gone; a line for going may be written first. */
    private final Map<String, Integer> kept = new HashMap<>();
    private ScheduledExecutorService syncing;
    private FileChannel channel;
    private int lines;
    private boolean unsynced;
    private boolean failing;

    public OutboxLedger(DataDirectory dataDirectory) {
        file = dataDirectory.path().resolve("outbox-ledger");
        try {
            read();
        } catch (IOException e) {
            throw new UncheckedIOException("What the outbox has to hold cannot be read from " + file
                    + "; give the bridge's user the right to, or move the file away to start without it", e);
        }
    }

    private void read() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        // what a power failure has left of a line would be another id
        int end = text.lastIndexOf('\n') + 1;
        int unreadable = end < text.length() ? 1 : 0;
        for (String line : text.substring(0, end).split("\n")) {
            if (LINE.matcher(line).matches()) {
                count(line.substring(1), line.charAt(0) == '+' ? 1 : -1);
            } else if (!line.isEmpty()) {
                unreadable++;
            }
        }
        if (unreadable > 0) {
            LOG.warn("Some of what the outbox has to hold cannot be read; an event of those would not be missed"
                    + " file={} lines={}", file, unreadable);
        }
    }

    private void count(String id, int by) {
        kept.merge(id, by, (before, change) -> before + change == 0 ? null : before + change);
    }

    /** Whether the broker has to hold anything. */
    synchronized boolean isEmpty() {
        return kept.isEmpty();
    }

    /**
     * Holds what the broker has against what it has to have, and goes on from what it has.
     *
     * @param held every id that the broker has
     * @return the ids that it has lost
     */
    synchronized List<String> reconcile(Set<String> held) {
        List<String> missing = new ArrayList<>();
        kept.forEach((id, times) -> {
            if (times > 0 && !held.contains(id)) {
                missing.add(id);
            }
        });
        kept.clear();
        held.forEach(id -> kept.put(id, 1));
        return missing;
    }

    /** From here on changes are written down. */
    synchronized void open() throws IOException {
        rewrite();
        syncing = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "outbox-ledger");
            thread.setDaemon(true);
            return thread;
        });
        syncing.scheduleWithFixedDelay(this::sync, SYNC.toMillis(), SYNC.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The broker has synced one more of this id. */
    public synchronized void entered(String id) {
        change(id, 1);
    }

    /** The broker is about to let go of one of this id. */
    public synchronized void left(String id) {
        change(id, -1);
    }

    private void change(String id, int by) {
        if (channel == null) {
            return;
        }
        count(id, by);
        if (failing) {
            return;
        }
        try {
            write(channel, line(id, by));
            unsynced = true;
            if (++lines > kept.size() * 2 + SPENT_LINES) {
                rewrite();
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    private static String line(String id, int by) {
        return (by > 0 ? "+" : "-") + id + "\n";
    }

    private static void write(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** All that counts and nothing else, complete before it takes the old one's place. */
    private void rewrite() throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        FileChannel written = FileChannel.open(next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        try {
            StringBuilder text = new StringBuilder();
            kept.forEach((id, times) -> text.append(line(id, times).repeat(Math.abs(times))));
            write(written, text.toString());
            written.force(false);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            written.close();
            throw e;
        }
        if (channel != null) {
            channel.close();
        }
        channel = written;
        lines = kept.size();
        failing = false;
    }

    private synchronized void sync() {
        try {
            if (failing) {
                rewrite();
            } else if (unsynced) {
                unsynced = false;
                channel.force(false);
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    private void fail(IOException reason) {
        if (!failing) {
            LOG.error("What the outbox has to hold cannot be written down, and is tried again; until then damage to the"
                    + " outbox would go unseen file={} reason={}", file, reason.getMessage());
        }
        failing = true;
    }

    @Override
    public synchronized void close() throws IOException {
        if (channel != null) {
            syncing.shutdown();
            sync();
            channel.close();
            channel = null;
        }
    }

    /** The ids of what the broker has to hold, in no order. */
    synchronized Collection<String> ids() {
        return List.copyOf(kept.keySet());
    }
}

package org.routingbridge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.zip.CRC32C;

import org.routingbridge.settings.OwnerOnly;
import org.routingbridge.store.Books.Entry;

/**
 * The last commit's number and books in a few bytes beside the database, so that a log that was cut short is told from
 * a sound one: the database itself then is what it was some commits ago, without a trace of the later ones. It is
 * written after a commit and not synced; where it is behind, or is not there, it says nothing.
 */
final class CommitMark implements AutoCloseable {

    private static final Entry[] ENTRIES = {Entry.COMMITS, Entry.OUTBOX_ROWS, Entry.NOTIFICATION_ROWS,
            Entry.DEAD_LETTER_ROWS};
    private static final int BYTES = (ENTRIES.length + 1) * Long.BYTES;

    private final Path file;
    private final ByteBuffer buffer = ByteBuffer.allocate(BYTES);
    private FileChannel channel;

    CommitMark(Path directory) {
        file = directory.resolve("bridge.mark");
    }

    void write(Books books) {
        buffer.clear();
        for (Entry entry : ENTRIES) {
            buffer.putLong(books.of(entry));
        }
        buffer.putLong(checksum(buffer)).flip();
        try {
            open();
            channel.write(buffer, 0);
        } catch (IOException e) {
            // it is only a help
        }
    }

    /** What the store should hold by the mark and does not, in words; null where it is as it was left. */
    String missing(Books books) {
        buffer.clear();
        try {
            open();
            if (channel.read(buffer, 0) < BYTES || buffer.getLong(BYTES - Long.BYTES) != checksum(buffer)) {
                return null;
            }
        } catch (IOException e) {
            return null;
        }
        long commits = buffer.getLong(0) - books.of(Entry.COMMITS);
        return commits <= 0 ? null : "the last " + commits + " commits are missing; before, " + buffer.getLong(8)
                + " events waited in the outbox, " + buffer.getLong(16) + " notifications for the data lake, and there"
                + " were "
                + buffer.getLong(24) + " dead letters; now there are " + books.of(Entry.OUTBOX_ROWS) + ", "
                + books.of(Entry.NOTIFICATION_ROWS) + " and " + books.of(Entry.DEAD_LETTER_ROWS);
    }

    private void open() throws IOException {
        if (channel == null) {
            channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ,
                    StandardOpenOption.WRITE), OwnerOnly.ofNewFile());
        }
    }

    private static long checksum(ByteBuffer buffer) {
        CRC32C checksum = new CRC32C();
        checksum.update(buffer.slice(0, BYTES - Long.BYTES));
        return checksum.getValue();
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // nothing is lost with it
        }
    }
}

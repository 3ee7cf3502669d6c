package org.routingbridge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into a write-ahead log before SQLite does, which takes the first frame that does not fit its checksum for the
 * log's end and says nothing of what stands behind it. A log whose later frames still follow from one another was
 * damaged, not cut short by a crash: its checksums are made anew, so that all of it is read, and what the damage has
 * changed is then found by the checks of the database and of its rows.
 *
 * @see <a href="https://www.sqlite.org/fileformat2.html#the_write_ahead_log">SQLite: the write-ahead log's format</a>
 */
final class WriteAheadLog {

    /** What was found. */
    enum Repair {
        /** Nothing wrong, or no log. */
        NONE,
        /** It was mended, and what is read through it may be damaged. */
        SUSPECT
    }

    /**
     * What is not known after it was mended: a page whose newest frame is damaged may be what it was some commits ago,
     * and neither counts nor checksums need to show it.
     */
    static final String IN_DOUBT = "the store's log was damaged, so that what came last may be missing, what had left"
            + " may be there again, and what was changed may be as it was before";

    private static final Logger LOG = LoggerFactory.getLogger(WriteAheadLog.class);
    private static final int HEADER = 32;
    private static final int FRAME_HEADER = 24;
    private static final int MAGIC = 0x377f0682;
    private static final int FORMAT = 3007000;

    private final FileChannel channel;
    private final int pageSize;
    private final int frames;
    private int salt1;
    private int salt2;
    private boolean bigEndian;

    private WriteAheadLog(FileChannel channel, int pageSize) throws IOException {
        this.channel = channel;
        this.pageSize = pageSize;
        frames = (int) ((channel.size() - HEADER) / (FRAME_HEADER + pageSize));
    }

    /** Mends the log of a database where that is damaged; the log as it was is kept beside it. */
    static Repair repair(Path database) throws IOException {
        Path log = database.resolveSibling(database.getFileName() + "-wal");
        int pageSize = pageSize(database);
        if (pageSize == 0 || !Files.exists(log) || Files.size(log) < HEADER + FRAME_HEADER + pageSize) {
            return Repair.NONE;
        }
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            WriteAheadLog wal = new WriteAheadLog(channel, pageSize);
            int live = wal.liveFrames();
            if (live == 0 || wal.isIntact(live)) {
                return Repair.NONE;
            }
            Path kept = kept(database);
            if (!Files.exists(kept)) {
                // there by a start that was ended while it mended, and whole: half a copy would be all that is left of
                // it
                Path copy = kept.resolveSibling(kept.getFileName() + ".new");
                Files.copy(log, copy, StandardCopyOption.REPLACE_EXISTING);
                Files.move(copy, kept, StandardCopyOption.ATOMIC_MOVE);
            }
            wal.chainAnew(live);
            LOG.error("The store's log is damaged; it is read all the same, as far as it makes sense file={}", kept);
            return Repair.SUSPECT;
        }
    }

    /** The log as it was before it was mended; it is there until somebody has been told. */
    static Path kept(Path database) {
        return database.resolveSibling(database.getFileName() + "-wal.damaged");
    }

    /** From the database's header; 0 where it has none to be read. */
    private static int pageSize(Path database) throws IOException {
        if (!Files.exists(database) || Files.size(database) < 100) {
            return Files.exists(database) ? 4096 : 0;
        }
        try (FileChannel channel = FileChannel.open(database, StandardOpenOption.READ)) {
            ByteBuffer header = ByteBuffer.allocate(100);
            channel.read(header, 0);
            int size = header.getShort(16) & 0xffff;
            return size == 1 ? 65536 : size >= 512 && Integer.bitCount(size) == 1 ? size : 4096;
        }
    }

    private ByteBuffer read(long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {
            continue;
        }
        return buffer.flip();
    }

    private long positionOf(int frame) {
        return HEADER + (long) frame * (FRAME_HEADER + pageSize);
    }

    /**
     * How many frames belong to this generation of the log: up to the last that follows from the one before it and
     * carries the salts that most of the first ones do. Frames behind those are left from an earlier generation.
     */
    private int liveFrames() throws IOException {
        ByteBuffer header = read(0, HEADER);
        bigEndian = (header.getInt(0) & 1) == 1;
        salt1 = header.getInt(16);
        salt2 = header.getInt(20);
        if (frames > 0) {
            ByteBuffer first = read(positionOf(0), FRAME_HEADER);
            ByteBuffer second = frames > 1 ? read(positionOf(1), FRAME_HEADER) : first;
            if (first.getInt(8) == second.getInt(8) && first.getInt(12) == second.getInt(12) && !isSound(header)) {
                // the header itself is damaged
                salt1 = first.getInt(8);
                salt2 = first.getInt(12);
                bigEndian = followsFrom(1, true);
            }
        }
        int live = 0;
        for (int frame = 0; frame < frames; frame++) {
            ByteBuffer head = read(positionOf(frame), FRAME_HEADER);
            if (head.getInt(8) == salt1 && head.getInt(12) == salt2
                    && (frame == 0 || followsFrom(frame, bigEndian))) {
                live = frame + 1;
            }
        }
        return live;
    }

    private boolean isSound(ByteBuffer header) {
        int[] sum = {0, 0};
        checksum(header.slice(0, 24), sum, bigEndian);
        return sum[0] == header.getInt(24) && sum[1] == header.getInt(28);
    }

    /** Whether a frame's checksum follows from that which stands in the frame before it. */
    private boolean followsFrom(int frame, boolean order) throws IOException {
        if (frame >= frames) {
            return false;
        }
        ByteBuffer before = frame == 0 ? read(24, 8) : read(positionOf(frame - 1) + 16, 8);
        int[] sum = {before.getInt(0), before.getInt(4)};
        ByteBuffer whole = read(positionOf(frame), FRAME_HEADER + pageSize);
        checksum(whole.slice(0, 8), sum, order);
        checksum(whole.slice(FRAME_HEADER, pageSize), sum, order);
        return sum[0] == whole.getInt(16) && sum[1] == whole.getInt(20);
    }

    private boolean isIntact(int live) throws IOException {
        if (!isSound(read(0, HEADER))) {
            return false;
        }
        for (int frame = 0; frame < live; frame++) {
            ByteBuffer head = read(positionOf(frame), FRAME_HEADER);
            if (head.getInt(8) != salt1 || head.getInt(12) != salt2 || !followsFrom(frame, bigEndian)) {
                return false;
            }
        }
        return true;
    }

    private void chainAnew(int live) throws IOException {
        ByteBuffer header = read(0, HEADER);
        header.putInt(0, MAGIC | (bigEndian ? 1 : 0)).putInt(4, FORMAT).putInt(8, pageSize)
                .putInt(16, salt1).putInt(20, salt2);
        int[] sum = {0, 0};
        checksum(header.slice(0, 24), sum, bigEndian);
        header.putInt(24, sum[0]).putInt(28, sum[1]).rewind();
        channel.write(header, 0);
        ByteBuffer before = null;
        for (int frame = 0; frame < live; frame++) {
            ByteBuffer whole = read(positionOf(frame), FRAME_HEADER + pageSize);
            if (whole.getInt(0) <= 0 && before != null) {
                // SQLite would read no further than to a frame of no page, but does over the page before once more;
                // what the frame had is gone
                whole.put(0, before, 0, before.limit()).putInt(4, 0);
            }
            before = whole;
            checksum(whole.slice(0, 8), sum, bigEndian);
            checksum(whole.slice(FRAME_HEADER, pageSize), sum, bigEndian);
            whole.putInt(8, salt1).putInt(12, salt2).putInt(16, sum[0]).putInt(20, sum[1]);
            channel.write(whole.rewind(), positionOf(frame));
        }
        channel.force(true);
    }

    /** Two sums over pairs of words, in the order of bytes that the log's magic number names. */
    private static void checksum(ByteBuffer bytes, int[] sum, boolean bigEndian) {
        ByteBuffer words = bytes.order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < words.limit(); i += 8) {
            sum[0] += words.getInt(i) + sum[1];
            sum[1] += words.getInt(i + 4) + sum[0];
        }
    }
}

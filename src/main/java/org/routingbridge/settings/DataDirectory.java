package org.routingbridge.settings;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The directory that keeps what must not be lost. One process owns it at a time, by a lock that the operating system
 * takes back when the process ends, however it ends. Nobody but the bridge's user can read what it makes there.
 */
public final class DataDirectory implements AutoCloseable {

    private static final String KEY = "bridge.data.dir";
    private static final Pattern OURS = Pattern.compile(
            "(\\.lock|native|outbox|seen|rejected|damaged|bridge|room-for-a-full-disk).*");

    /** Of this process: to open a file that it has locked, and to close that again, would give the lock back. */
    private static final Set<Path> CLAIMED = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel claim;

    private DataDirectory(Path path, FileChannel claim) {
        this.path = path;
        this.claim = claim;
    }

    /**
     * Makes the directory where there is none and claims it, until it is closed.
     *
     * @throws InvalidSettings where another process has it, or it cannot be written to
     */
    public static DataDirectory claim(Settings settings) {
        Path path = settings.dataDirectory().toAbsolutePath().normalize();
        if (!CLAIMED.add(path)) {
            throw inUse(path);
        }
        try {
            return new DataDirectory(path, lock(path));
        } catch (InvalidSettings e) {
            CLAIMED.remove(path);
            throw e;
        }
    }

    private static FileChannel lock(Path path) {
        try {
            OwnerOnly.createDirectories(path);
            FileChannel channel = FileChannel.open(path.resolve(".lock"), Set.of(StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE), OwnerOnly.ofNewFile());
            try {
                if (channel.tryLock() == null) {
                    throw inUse(path);
                }
                OwnerOnly.tighten(path, name -> OURS.matcher(name).matches());
                LibraryFiles.keepIn(path);
                return channel;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (OverlappingFileLockException e) {
            throw inUse(path);
        } catch (IOException e) {
            throw new InvalidSettings(List.of(Settings.nameOf(KEY) + ": " + path + " cannot be written to; give the"
                    + " bridge's user the right to, or set another directory; example: data"));
        }
    }

    private static InvalidSettings inUse(Path path) {
        return new InvalidSettings(List.of(Settings.nameOf(KEY) + ": " + path + " is in use by another process; stop"
                + " that one, or give each a directory of its own; example: data-2"));
    }

    public Path path() {
        return path;
    }

    /** Lets another one have it. */
    @Override
    public void close() throws IOException {
        claim.close();
        CLAIMED.remove(path);
    }
}

package org.routingbridge.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.routingbridge.settings.OwnerOnly;

/**
 * Room on the disk that is kept for the time when there is no other: given up when the disk is full, so that what is in
 * the store can still be opened and can leave it, and taken again when the store is well and there is plenty.
 */
final class Ballast {

    static final int BYTES = 4 * 1024 * 1024;

    private final Path file;

    Ballast(Path directory) {
        file = directory.resolve("room-for-a-full-disk");
    }

    void release() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // it was only worth a try
        }
    }

    /** Takes the room where it is not whole, as after a kill while it was written, and there is plenty. */
    void replace() {
        try {
            if (size() < BYTES && file.toFile().getParentFile().getUsableSpace() > 4L * BYTES) {
                release();
                Files.createFile(file, OwnerOnly.ofNewFile());
                Files.write(file, new byte[BYTES]);
            }
        } catch (IOException e) {
            release();
        }
    }

    private long size() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }
}

package org.routingbridge.settings;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where libraries keep files of their own: in the data directory, or nowhere. The directory for temporary files would
 * keep them when the process is killed, and may not allow what is in it to be executed.
 */
final class LibraryFiles {

    private LibraryFiles() {
    }

    /** To be called before any library is at work. What is given by {@code -D} stands. */
    static void keepIn(Path dataDirectory) throws IOException {
        Path natives = OwnerOnly.createDirectories(dataDirectory.resolve("native"));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(natives, Files::isRegularFile)) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        }
        // what Netty and SQLite have in machine code is unpacked before it can be loaded
        offer("io.netty.native.workdir", natives.toString());
        offer("org.sqlite.tmpdir", natives.toString());
        // Vert.x would copy here what it serves of the class path, and the bridge serves nothing of it
        offer("vertx.disableFileCaching", "true");
        offer("vertx.disableFileCPResolving", "true");
    }

    private static void offer(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}

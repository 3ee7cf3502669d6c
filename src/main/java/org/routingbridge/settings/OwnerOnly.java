package org.routingbridge.settings;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Directories and files that nobody but their owner can read, since events tell of customers. Where the file system
 * knows no such permissions, they are as it makes them.
 */
public final class OwnerOnly {

    /** Of a file, as log4j reads them; null where the file system knows none. */
    public static final String FILE = isPosix() ? "rw-------" : null;

    private static final Set<PosixFilePermission> OF_FILES = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OF_DIRECTORIES = PosixFilePermissions.fromString("rwx------");

    private OwnerOnly() {
    }

    private static boolean isPosix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    /** Makes the directory and those above it, where there are none. */
    public static Path createDirectories(Path directory) throws IOException {
        return Files.isDirectory(directory) ? directory
                : Files.createDirectories(directory, attributes(OF_DIRECTORIES));
    }

    /** For a file that is made. */
    public static FileAttribute<?>[] ofNewFile() {
        return attributes(OF_FILES);
    }

    private static FileAttribute<?>[] attributes(Set<PosixFilePermission> permissions) {
        return isPosix() ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    /**
     * Takes the others' permissions from what is in a directory already, and from the directory where nothing else is
     * in it. What belongs to another user is left as it is.
     *
     * @param isOurs whether the bridge makes what has that name
     */
    public static void tighten(Path directory, Predicate<String> isOurs) throws IOException {
        if (!isPosix()) {
            return;
        }
        List<Path> all;
        try (Stream<Path> files = Files.list(directory)) {
            all = files.toList();
        }
        List<Path> ours = all.stream().filter(file -> isOurs.test(file.getFileName().toString())).toList();
        if (ours.size() == all.size()) {
            tighten(directory);
        }
        for (Path own : ours) {
            try (Stream<Path> files = Files.walk(own)) {
                files.forEach(OwnerOnly::tighten);
            }
        }
    }

    private static void tighten(Path path) {
        try {
            Set<PosixFilePermission> wanted = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) ? OF_DIRECTORIES
                    : Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? OF_FILES : null;
            if (wanted != null && !wanted.containsAll(Files.getPosixFilePermissions(path))) {
                Files.setPosixFilePermissions(path, wanted);
            }
        } catch (IOException e) {
            // another user's, or gone meanwhile
        }
    }
}

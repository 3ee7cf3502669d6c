package org.routingbridge.outbox;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The outbox's files as they were before the broker opened them, which writes over what it cannot read. It is thrown
 * away once the broker is known to have everything, and kept where it has not.
 */
final class OutboxFilesCopy {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxFilesCopy.class);
    /**
     * The broker writes into these in place; the others it only makes, deletes and, the last page, adds to, so that a
     * link is as good as a copy.
     */
    private static final List<String> WRITTEN_IN_PLACE = List.of("journal", "bindings");

    private final Path original;
    private final Path copy;

    OutboxFilesCopy(Path original) {
        this.original = original;
        copy = original.resolveSibling(original.getFileName() + "-before-start");
    }

    /** Makes the copy, unless an earlier start ended before it knew whether it needs its own. */
    void make() {
        if (Files.exists(copy) || !Files.exists(original)) {
            return;
        }
        Path making = copy.resolveSibling(copy.getFileName() + ".new");
        try {
            delete(making);
            Files.walkFileTree(original, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes is) throws IOException {
                    Files.createDirectories(making.resolve(original.relativize(directory)));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
                    Path name = original.relativize(file);
                    if (WRITTEN_IN_PLACE.contains(name.getName(0).toString())) {
                        Files.copy(file, making.resolve(name));
                    } else {
                        link(file, making.resolve(name));
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
            Files.move(making, copy, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("The outbox's files cannot be copied before they are opened; damaged ones could not be looked at"
                    + " later directory={} reason={}", original, e.getMessage());
        }
    }

    private static void link(Path file, Path link) throws IOException {
        try {
            Files.createLink(link, file);
        } catch (IOException | UnsupportedOperationException e) {
            // not every file system has links, and each says so in its own way
            Files.copy(file, link);
        }
    }

    boolean exists() {
        return Files.exists(copy);
    }

    Path path() {
        return copy;
    }

    /** Keeps it under another name, for a person to look at. */
    void keepAs(Path name) throws IOException {
        if (exists()) {
            Files.move(copy, name);
        }
    }

    void discard() {
        try {
            delete(copy);
        } catch (IOException e) {
            LOG.warn("A copy of the outbox's files that is not needed cannot be deleted directory={} reason={}", copy,
                    e.getMessage());
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> deepestFirst = Files.walk(directory).sorted(Comparator.reverseOrder())) {
            for (Path path : deepestFirst.toList()) {
                Files.delete(path);
            }
        }
    }
}

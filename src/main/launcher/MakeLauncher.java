import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Puts the launcher and the JVM's options beside the packaged jar, with an archive from a {@linkplain TrainingRun
 * training run}, so that the next start finds classes loaded and linked: a dynamic class-data archive for Java 17 to
 * 24; for 25 and newer an ahead-of-time cache, which also knows what ran often, and how. There may be one of each, and
 * the launcher takes the options of the Java that it starts.
 *
 * <p>An archive is for the Java that runs this, whose version stands beside it in the options. It serves the same JVM
 * build only, and the very files it was made from; with others the JVM starts as if there were none.
 *
 * <p>Run in the project's root by the JVM that will run the bridge, with one argument, the directory of this file. A
 * training run that fails leaves options without an archive, and a warning. {@code -Dtraining.skip=true} makes none,
 * and leaves what still fits.
 */
public final class MakeLauncher {

    private static final String NAME = "cxone-routing-bridge";
    private static final Path TARGET = Path.of("target");
    private static final Path JAR = TARGET.resolve(NAME + ".jar");
    private static final Path OUTPUT = TARGET.resolve("training.log");
    private static final int FIRST_WITH_CACHE = 25;

    private MakeLauncher() {
    }

    /** What a range of Javas starts with. */
    private enum Kind {
        /** An archive holds classes alone, which are loaded by the first event of a kind. */
        ARCHIVE(NAME + ".options", NAME + ".jsa", "-XX:ArchiveClassesAtExit=", "-XX:SharedArchiveFile=",
                new TrainingRun.Amounts(80, 4, 1, 4, 1)),
        /** So many events that what one of them runs once is compiled for good, by what the JVM has learnt of it. */
        CACHE(NAME + "-25.options", NAME + ".aot", "-XX:AOTCacheOutput=", "-XX:AOTCache=",
                new TrainingRun.Amounts(5_500, 200, 5, 300, 10));

        private final Path options;
        private final Path archive;
        private final String makes;
        private final String uses;
        private final TrainingRun.Amounts amounts;

        Kind(String options, String archive, String makes, String uses, TrainingRun.Amounts amounts) {
            this.options = TARGET.resolve(options);
            this.archive = TARGET.resolve(archive);
            this.makes = makes;
            this.uses = uses;
            this.amounts = amounts;
        }

        static Kind ofThisJava() {
            return Runtime.version().feature() < FIRST_WITH_CACHE ? ARCHIVE : CACHE;
        }

        /** The options without an archive. */
        String plain(Path sources) throws IOException {
            String common = Files.readString(sources.resolve(NAME + ".options"));
            return this == ARCHIVE ? common : common + "\n" + Files.readString(sources.resolve(NAME + "-25.options"));
        }

        /** Leaves the options without an archive, and nothing of one that was not finished. */
        void reset(Path sources) throws IOException {
            Files.deleteIfExists(archive);
            Files.deleteIfExists(Path.of(archive + ".config"));
            Files.writeString(options, plain(sources));
        }

        /** The options with the archive that this Java makes. */
        String complete(Path sources) throws IOException {
            return plain(sources) + "\n# Made by the build with Java " + version() + ", for that one; silent where it"
                    + " does not fit.\n" + uses + archive + "\n";
        }
    }

    public static void main(String[] arguments) throws Exception {
        make(Path.of(arguments[0]), Boolean.getBoolean("training.skip"));
        // the client's threads are of no more use
        System.exit(0);
    }

    private static void make(Path sources, boolean skip) throws IOException {
        Path script = TARGET.resolve(NAME);
        Files.copy(sources.resolve(NAME), script, StandardCopyOption.REPLACE_EXISTING);
        if (Files.getFileAttributeView(script, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        for (Kind kind : Kind.values()) {
            if (!isUpToDate(kind, sources)) {
                kind.reset(sources);
            }
        }
        Kind kind = Kind.ofThisJava();
        if (!skip && !Files.readString(kind.options).equals(kind.complete(sources))) {
            train(kind, sources);
        }
    }

    private static void train(Kind kind, Path sources) throws IOException {
        kind.reset(sources);
        try {
            long begin = System.nanoTime();
            new TrainingRun(command(kind), TARGET.resolve("training"), OUTPUT, kind.amounts).run();
            if (!Files.exists(kind.archive)) {
                throw new IllegalStateException("the JVM wrote none");
            }
            Files.writeString(kind.options, kind.complete(sources));
            if (new ProcessBuilder(java(), "@" + kind.options, "-version").redirectErrorStream(true)
                    .redirectOutput(OUTPUT.toFile()).start().waitFor() != 0) {
                throw new IllegalStateException("the JVM refuses its options");
            }
            System.out.printf(Locale.ROOT, "Trained for Java %s: %s, %d MB, made in %.1f s%n", version(), kind.archive,
                    Files.size(kind.archive) >> 20, (System.nanoTime() - begin) / 1e9);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            kind.reset(sources);
            System.out.println("[WARNING] There is no archive for Java " + version() + ", so that the bridge starts"
                    + " more slowly: " + e.getMessage() + "; see " + OUTPUT);
        }
    }

    private static List<String> command(Kind kind) {
        List<String> command = new ArrayList<>(List.of(java(), "@" + kind.options, kind.makes + kind.archive));
        if (kind == Kind.ARCHIVE) {
            // what is compiled is not archived, so that the cheapest compiler will do
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.addAll(List.of("-jar", JAR.toString()));
        return command;
    }

    private static String version() {
        return System.getProperty("java.vm.version");
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Whether the archive there is, of whatever Java, came from these options and these files. */
    private static boolean isUpToDate(Kind kind, Path sources) throws IOException {
        if (!Files.exists(kind.archive) || !Files.exists(kind.options)
                || !Files.readString(kind.options).startsWith(kind.plain(sources))) {
            return false;
        }
        FileTime made = Files.getLastModifiedTime(kind.archive);
        try (Stream<Path> files = Stream.concat(Stream.of(JAR), Files.list(TARGET.resolve("lib")))) {
            for (Path file : files.toList()) {
                if (Files.getLastModifiedTime(file).compareTo(made) > 0) {
                    return false;
                }
            }
        }
        return true;
    }
}

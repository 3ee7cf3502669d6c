package org.routingbridge.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a process and its descendants have used so far, and what it holds just now.
 *
 * @param cpu       user and system time; to 10 ms on Linux
 * @param peakBytes most memory resident at once; 0 where the system does not tell
 * @param bytes     memory resident now; 0 where the system does not tell
 */
public record Usage(Duration cpu, long peakBytes, long bytes) {

    private static final Path PROC = Path.of("/proc");
    /** What the kernel counts a second of CPU time in, on every Linux that Java runs on. */
    private static final double TICKS = 100;
    /** A compiler's thread of HotSpot, as far as the kernel keeps its name. */
    private static final Pattern COMPILER = Pattern.compile("C[12] CompilerThre.*");

    public static Usage of(ProcessHandle process) {
        List<ProcessHandle> all = Stream.concat(Stream.of(process), process.descendants()).toList();
        Duration cpu = all.stream().map(one -> one.info().totalCpuDuration()).flatMap(Optional::stream)
                .reduce(Duration.ZERO, Duration::plus);
        return new Usage(cpu, all.stream().mapToLong(one -> memory(one, "VmHWM:")).sum(),
                all.stream().mapToLong(one -> memory(one, "VmRSS:")).sum());
    }

    /** How many threads a process has; 0 where the system does not tell. */
    public static int threads(ProcessHandle process) {
        return (int) number(process, "Threads:");
    }

    /** How many files and connections a process has open; 0 where the system does not tell. */
    public static int descriptors(ProcessHandle process) {
        try (Stream<Path> open = Files.list(PROC.resolve(process.pid() + "/fd"))) {
            return (int) open.count();
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }

    private static long memory(ProcessHandle process, String name) {
        return 1024 * number(process, name);
    }

    private static long number(ProcessHandle process, String name) {
        try (Stream<String> lines = Files.lines(PROC.resolve(process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElse(0);
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }

    /**
     * Seconds of CPU time that the compilers of a JVM, or of several among a process and its descendants, have used so
     * far; 0 where the system does not tell, or there is no JVM.
     */
    static double compilerSeconds(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants())
                .mapToDouble(one -> compilerTicks(PROC.resolve(one.pid() + "/task"))).sum() / TICKS;
    }

    /**
     * CPU seconds that a process and its descendants have used so far, with those of its children that have ended, such
     * as a database's workers; 0 where the system does not tell.
     */
    static double secondsWithEnded(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants()).mapToLong(Usage::ticksWithEnded).sum() / TICKS;
    }

    private static long ticksWithEnded(ProcessHandle process) {
        try {
            String stat = Files.readString(PROC.resolve(process.pid() + "/stat"));
            return ticks(stat.substring(stat.lastIndexOf(')') + 2), 4);
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }

    /**
     * What stands in a {@code stat} after the name: the state, ten numbers, user and system time, and the same of
     * children that have ended.
     */
    private static long ticks(String afterName, int count) {
        return Arrays.stream(afterName.split(" ")).skip(11).limit(count).mapToLong(Long::parseLong).sum();
    }

    private static double compilerTicks(Path tasks) {
        try (Stream<Path> threads = Files.list(tasks)) {
            return threads.mapToLong(Usage::ticksOfCompiler).sum();
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }

    private static long ticksOfCompiler(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            int nameEnd = stat.lastIndexOf(')');
            if (!COMPILER.matcher(stat.substring(stat.indexOf('(') + 1, nameEnd)).matches()) {
                return 0;
            }
            return ticks(stat.substring(nameEnd + 2), 2);
        } catch (IOException | RuntimeException e) {
            // it has ended meanwhile
            return 0;
        }
    }

    /**
     * Seconds of CPU time that everything on the machine, and what it shares its cores with, has used since it started;
     * 0 where the system does not tell.
     */
    static double machineSeconds() {
        try (Stream<String> lines = Files.lines(PROC.resolve("stat"))) {
            String[] fields = lines.findFirst().orElse("").split("\\s+");
            // user, nice, system; then idle and waiting for disks; then interrupts, and what other machines were given
            double ticks = 0;
            for (int field : new int[] {1, 2, 3, 6, 7, 8}) {
                ticks += Long.parseLong(fields[field]);
            }
            return ticks / TICKS;
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}

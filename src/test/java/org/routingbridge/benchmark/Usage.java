package org.routingbridge.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
     * Seconds of CPU time that everything on the machine has used since it started; 0 where the system does not tell.
     */
    static double machineSeconds() {
        try (Stream<String> lines = Files.lines(PROC.resolve("stat"))) {
            String[] fields = lines.findFirst().orElse("").split("\\s+");
            // user, nice, system; then idle and waiting for disks; then interrupts
            double ticks = 0;
            for (int field : new int[] {1, 2, 3, 6, 7}) {
                ticks += Long.parseLong(fields[field]);
            }
            return ticks / TICKS;
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}

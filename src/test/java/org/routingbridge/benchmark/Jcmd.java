package org.routingbridge.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the JDK's jcmd tells of a JVM under test, or does to it. */
final class Jcmd {

    /** Of a thread, as {@code Thread.print -e} tells it. */
    private static final Pattern ALLOCATED = Pattern.compile(" allocated=(\\d+)([BKMG]) ");
    private static final String UNITS = "BKMG";
    private static final int KILO_BITS = 10;

    private final Path tool;
    private final long pid;

    /** @param java of the JDK whose jcmd it is */
    Jcmd(String java, long pid) {
        tool = toolOf(java);
        this.pid = pid;
    }

    private static Path toolOf(String java) {
        return Path.of(java).resolveSibling("jcmd");
    }

    /** Whether a Java has one; a runtime alone does not. */
    static boolean isBeside(String java) {
        return Files.isExecutable(toolOf(java));
    }

    /** What it answers, its complaints included. */
    String ask(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Stream.concat(Stream.of(tool.toString(), Long.toString(pid)),
                Stream.of(command)).toList()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return answer;
    }

    /** Bytes of heap that the JVM's threads, as many of them as live, have allocated so far. */
    long allocatedBytes() throws IOException, InterruptedException {
        return allocatedBytes(List.of(ask("Thread.print", "-e").split("\\R")));
    }

    static long allocatedBytes(List<String> threads) {
        return threads.stream().map(ALLOCATED::matcher).filter(Matcher::find)
                .mapToLong(found -> Long.parseLong(found.group(1)) << KILO_BITS * UNITS.indexOf(found.group(2))).sum();
    }
}

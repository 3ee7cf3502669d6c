package org.routingbridge.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

import org.routingbridge.simulator.SandboxOptions;

/** How the benchmark is to run. */
final class BenchmarkOptions {

    static final String USAGE = """
            Options:
              --set NAMES       what to measure, with commas in between (default: default):
                                quick    64 and 256 connections
                                default  1 to 256 connections, a rate, large events, queued mode, the store's own rate
                                loads    every load
                                start    start to first 200, the first 10 s after a start, the pace after 5 s
                                heap     what an event of 600 bytes allocates, and one of 64 KB
                                memory   remembered ids, a backlog in the outbox
                                page     what the stories of recent events cost, and an open operations page
                                client   what a PutEvents call costs the thread that makes it
                                several  one bridge and two with PostgreSQL, and what the database does meanwhile
                                full     loads, start, heap and memory
              --repeat N        measure all of it N times and give the medians (default 1)
              --seconds N       measured for each row (default 5)
              --warm-up N       seconds of load before a server's first row (default 15)
              --settle N        seconds at most that a row waits until the server has settled under its load
                                (default 30)
              --only REGEX      only the rows that it is found in, such as "bridge: 256 connections, 0 ms"
              --java FILE       runs the bridge and its yardsticks (default: the java that runs this)
              --jvm OPTIONS     for them, instead of those that the launcher gives that java
              --server NAME=CMD another server to measure as well; CMD is a line of shell, which finds its port and
                                neighbours in PORT, SINK, AWS_ENDPOINT_URL_EVENTBRIDGE, DATA_LAKE_WEBHOOK_URL,
                                EVENTBUS_NAME and the rest of the bridge's environment
              --events N        that the database of the set several is filled with (default 2000000)
              --port N          the first of five ports to use (default: any that are free)
              --json FILE       where to write everything (default target/benchmark.json)
            """;

    private static final Set<String> SETS = Set.of("quick", "default", "loads", "start", "heap", "memory",
            "page", "client", "several");
    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)");

    private final Set<String> sets = new LinkedHashSet<>();
    private final Map<String, String> servers = new LinkedHashMap<>();
    private int repeat = 1;
    private Duration measured = Duration.ofSeconds(5);
    private Duration warmUp = Duration.ofSeconds(15);
    private int events = 2_000_000;
    private Duration settle = Duration.ofSeconds(30);
    private Pattern only = Pattern.compile("");
    private String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private List<String> jvm;
    private int port;
    private Path json = Path.of("target/benchmark.json");

    private BenchmarkOptions() {
    }

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static BenchmarkOptions parse(String... arguments) {
        BenchmarkOptions options = new BenchmarkOptions();
        Iterator<String> rest = List.of(arguments).iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            if (!rest.hasNext()) {
                throw new IllegalArgumentException(option + " needs a value");
            }
            options.set(option, rest.next());
        }
        if (options.sets.isEmpty()) {
            options.sets.add("default");
        }
        return options;
    }

    private void set(String option, String value) {
        switch (option) {
            case "--set" -> List.of(value.split(",")).forEach(this::addSet);
            case "--repeat" -> repeat = number(option, value, 100);
            case "--seconds" -> measured = Duration.ofSeconds(number(option, value, 600));
            case "--warm-up" -> warmUp = Duration.ofSeconds(number(option, value, 600));
            case "--settle" -> settle = Duration.ofSeconds(number(option, value, 600));
            case "--events" -> events = number(option, value, 100_000_000);
            case "--only" -> only = pattern(value);
            case "--java" -> java = value;
            case "--jvm" -> jvm = words(value);
            case "--server" -> addServer(value);
            case "--port" -> port = number(option, value, 65_531);
            case "--json" -> json = Path.of(value);
            default -> throw new IllegalArgumentException("Unknown option " + option);
        }
    }

    private void addSet(String name) {
        if (name.equals("full")) {
            sets.addAll(List.of("loads", "start", "heap", "memory"));
        } else if (SETS.contains(name)) {
            sets.add(name);
        } else {
            throw new IllegalArgumentException("There is no set " + name);
        }
    }

    private void addServer(String value) {
        int equals = value.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException("--server needs a name and a command, such as node=\"node server.js\"");
        }
        servers.put(value.substring(0, equals), value.substring(equals + 1));
    }

    private static int number(String option, String text, int most) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // the sentence below is for both
        }
        throw new IllegalArgumentException(option + " needs a whole number from 1 to " + most + ", not '" + text + "'");
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("--only needs a regular expression: " + e.getDescription(), e);
        }
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>(List.of(text.strip().split("\\s+")));
        words.removeIf(String::isEmpty);
        return words;
    }

    boolean measures(String set) {
        return sets.contains(set);
    }

    Set<String> sets() {
        return sets;
    }

    boolean measures(String server, Cell cell) {
        return only.matcher(server + ": " + cell.name()).find();
    }

    Map<String, String> servers() {
        return servers;
    }

    int repeat() {
        return repeat;
    }

    Duration measured() {
        return measured;
    }

    Duration warmUp() {
        return warmUp;
    }

    /** How long a row waits at most until the server has settled. */
    Duration settle() {
        return settle;
    }

    /** How many events the shared store is filled with. */
    int events() {
        return events;
    }

    int port() {
        return port;
    }

    Path json() {
        return json;
    }

    String java() {
        return java;
    }

    /** The java command of the bridge and its yardsticks, up to the class path or jar. */
    List<String> javaCommand() {
        List<String> command = new ArrayList<>(List.of(java));
        if (jvm != null) {
            command.addAll(jvm);
        } else if (Files.isRegularFile(shipped())) {
            command.add("@" + shipped());
        }
        return command;
    }

    /** The options that the launcher would give to that java. */
    private Path shipped() {
        return Path.of(SandboxOptions.jvmOptions(version()));
    }

    private int version() {
        try {
            Path bin = Path.of(java).toRealPath().getParent();
            Matcher version = VERSION.matcher(Files.readString(bin.resolveSibling("release")));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException e) {
            // neither does the launcher know
            return 0;
        }
    }

    /** What is in the file of options as shipped, for the record. */
    String describeJvm() {
        try {
            return jvm != null ? String.join(" ", jvm)
                    : Files.isRegularFile(shipped()) ? Files.readAllLines(shipped()).stream()
                            .filter(line -> line.startsWith("-")).collect(Collectors.joining(" "))
                    : "the JVM's own defaults";
        } catch (IOException e) {
            return shipped() + " cannot be read";
        }
    }
}

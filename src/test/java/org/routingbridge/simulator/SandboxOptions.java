package org.routingbridge.simulator;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

import org.apache.camel.util.TimeUtils;

/**
 * How the sandbox is to run.
 *
 * @param root           the project's root: the bridge's working directory, with {@code target} in it
 * @param port           the webhook's port; 0: 3000 if it is free, else any
 * @param managementPort the management port; 0: 9876 if it is free, else any
 * @param rate           events a second
 * @param events         how many, 0: until told to stop
 * @param seed           of the events
 * @param simulatorsOnly leave the bridge to be started by hand
 * @param simulatorPort  the first of the three ports of the simulators when they run alone
 * @param faults         what EventBridge is to do wrong
 * @param bridgeCommand  starts the bridge
 */
public record SandboxOptions(Path root, int port, int managementPort, double rate, long events, long seed,
                             boolean simulatorsOnly, int simulatorPort, FaultPlan faults,
                             List<String> bridgeCommand) {

    static final String JAR = "target/cxone-routing-bridge.jar";

    private static final Pattern DURATION = Pattern.compile("0*[1-9]\\d{0,6}(ms|s|m)");

    static final String USAGE = """
            Options:
              --rate N             events a second (default 5)
              --events N           stop after N events (default: go on until Ctrl-C)
              --refuse N           EventBridge refuses N events for good, which are put back later
              --throttle D         EventBridge throttles every call for so long, such as 5s
              --outage D           EventBridge is away for so long, such as 20s
              --seed N             the same events in the same order (default: others every time)
              --port N             the webhook's port (default: 3000 if it is free, else any)
              --management-port N  the management port (default: 9876 if it is free, else any)
              --simulators-only    no bridge: start one by hand with the settings that are printed
              --simulator-port N   first of three ports for --simulators-only (default 4010)
            """;

    /**
     * Where the build leaves the options of the bridge's JVM, from the project's root, as the launcher chooses them.
     *
     * @param java its version, such as 17
     */
    public static String jvmOptions(int java) {
        return java < 25 ? "target/cxone-routing-bridge.options" : "target/cxone-routing-bridge-25.options";
    }

    /** The defaults, in a project's root. */
    public static SandboxOptions in(Path root) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String jvmOptions = jvmOptions(Runtime.version().feature());
        List<String> command = Files.isRegularFile(root.resolve(jvmOptions))
                ? List.of(java, "@" + jvmOptions, "-jar", JAR) : List.of(java, "-jar", JAR);
        return new SandboxOptions(root, 0, 0, 5, 0, new Random().nextInt(1_000_000), false, 4010,
                FaultPlan.NONE, command);
    }

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public static SandboxOptions parse(Path root, String... arguments) {
        SandboxOptions options = in(root);
        Iterator<String> rest = List.of(arguments).iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            options = switch (option) {
                case "--simulators-only" -> options.withSimulatorsOnly();
                case "--rate" -> options.withRate(number(option, rest, 0.001, 100_000));
                case "--events" -> options.withEvents((long) number(option, rest, 1, 1e12));
                case "--seed" -> options.withSeed((long) number(option, rest, -1e15, 1e15));
                case "--refuse" -> options.withFaults(
                        options.faults.withRefused((int) number(option, rest, 1, 1000)));
                case "--throttle" -> options.withFaults(options.faults.withThrottled(duration(option, rest)));
                case "--outage" -> options.withFaults(options.faults.withAway(duration(option, rest)));
                case "--port" -> options.withPorts((int) number(option, rest, 1, 65_535), options.managementPort);
                case "--management-port" -> options.withPorts(options.port, (int) number(option, rest, 1, 65_535));
                case "--simulator-port" -> options.withSimulatorPort((int) number(option, rest, 1, 65_533));
                default -> throw new IllegalArgumentException("Unknown option " + option);
            };
        }
        return options;
    }

    SandboxOptions withPorts(int webhook, int management) {
        return new SandboxOptions(root, webhook, management, rate, events, seed, simulatorsOnly, simulatorPort,
                faults, bridgeCommand);
    }

    SandboxOptions withRate(double newRate) {
        return new SandboxOptions(root, port, managementPort, newRate, events, seed, simulatorsOnly, simulatorPort,
                faults, bridgeCommand);
    }

    SandboxOptions withEvents(long newEvents) {
        return new SandboxOptions(root, port, managementPort, rate, newEvents, seed, simulatorsOnly, simulatorPort,
                faults, bridgeCommand);
    }

    SandboxOptions withSeed(long newSeed) {
        return new SandboxOptions(root, port, managementPort, rate, events, newSeed, simulatorsOnly, simulatorPort,
                faults, bridgeCommand);
    }

    SandboxOptions withSimulatorsOnly() {
        return new SandboxOptions(root, port, managementPort, rate, events, seed, true, simulatorPort, faults,
                bridgeCommand);
    }

    SandboxOptions withSimulatorPort(int newPort) {
        return new SandboxOptions(root, port, managementPort, rate, events, seed, simulatorsOnly, newPort,
                faults, bridgeCommand);
    }

    SandboxOptions withFaults(FaultPlan plan) {
        return new SandboxOptions(root, port, managementPort, rate, events, seed, simulatorsOnly, simulatorPort,
                plan, bridgeCommand);
    }

    SandboxOptions withBridgeCommand(List<String> command) {
        return new SandboxOptions(root, port, managementPort, rate, events, seed, simulatorsOnly, simulatorPort,
                faults, command);
    }

    /** Whether the jar is needed, and not there. */
    boolean lacksJar() {
        return !simulatorsOnly && bridgeCommand.contains(JAR) && !Files.isRegularFile(root.resolve(JAR));
    }

    private static Duration duration(String option, Iterator<String> rest) {
        String text = rest.hasNext() ? rest.next() : "";
        if (!DURATION.matcher(text).matches()) {
            throw new IllegalArgumentException(option + " needs a time such as 20s, not '" + text + "'");
        }
        return Duration.ofMillis(TimeUtils.toMilliSeconds(text));
    }

    private static double number(String option, Iterator<String> rest, double least, double most) {
        String text = rest.hasNext() ? rest.next() : "";
        try {
            double value = Double.parseDouble(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Falls through to the same sentence as a number that is out of range.
        }
        throw new IllegalArgumentException(option + " needs a number, not '" + text + "'");
    }
}

package org.routingbridge.simulator;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

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
 * @param bridgeCommand  starts the bridge
 */
public record SandboxOptions(Path root, int port, int managementPort, double rate, long events, long seed,
                             boolean simulatorsOnly, int simulatorPort, List<String> bridgeCommand) {

    static final String JAR = "target/cxone-routing-bridge.jar";
    private static final String JVM_OPTIONS = "target/cxone-routing-bridge.options";

    static final String USAGE = """
            Options:
              --rate N             events a second (default 5)
              --events N           stop after N events (default: go on until Ctrl-C)
              --seed N             the same events in the same order (default: others every time)
              --port N             the webhook's port (default: 3000 if it is free, else any)
              --management-port N  the management port (default: 9876 if it is free, else any)
              --simulators-only    no bridge: start one by hand with the settings that are printed
              --simulator-port N   first of three ports for --simulators-only (default 4010)
            """;

    /** The defaults, in a project's root. */
    public static SandboxOptions in(Path root) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = Files.isRegularFile(root.resolve(JVM_OPTIONS))
                ? List.of(java, "@" + JVM_OPTIONS, "-jar", JAR) : List.of(java, "-jar", JAR);
        return new SandboxOptions(root, 0, 0, 5, 0, new Random().nextInt(1_000_000), false, 4010, command);
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
                bridgeCommand);
    }

    SandboxOptions withRate(double newRate) {
        return new SandboxOptions(root, port, managementPort, newRate, events, seed, simulatorsOnly, simulatorPort,
                bridgeCommand);
    }

    SandboxOptions withEvents(long newEvents) {
        return new SandboxOptions(root, port, managementPort, rate, newEvents, seed, simulatorsOnly, simulatorPort,
                bridgeCommand);
    }

    SandboxOptions withSeed(long newSeed) {
        return new SandboxOptions(root, port, managementPort, rate, events, newSeed, simulatorsOnly, simulatorPort,
                bridgeCommand);
    }

    SandboxOptions withSimulatorsOnly() {
        return new SandboxOptions(root, port, managementPort, rate, events, seed, true, simulatorPort, bridgeCommand);
    }

    SandboxOptions withSimulatorPort(int newPort) {
        return new SandboxOptions(root, port, managementPort, rate, events, seed, simulatorsOnly, newPort,
                bridgeCommand);
    }

    SandboxOptions withBridgeCommand(List<String> command) {
        return new SandboxOptions(root, port, managementPort, rate, events, seed, simulatorsOnly, simulatorPort,
                command);
    }

    /** Whether the jar is needed, and not there. */
    boolean lacksJar() {
        return !simulatorsOnly && bridgeCommand.contains(JAR) && !Files.isRegularFile(root.resolve(JAR));
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

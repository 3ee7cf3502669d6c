package org.routingbridge.simulator;

import java.nio.file.Path;

/**
 * Runs the bridge on this machine between simulators of its three neighbours, and shows what becomes of each event.
 * Started in the project's root; see {@link SandboxOptions} for the options and {@link SandboxRun} for what it does.
 * The exit status is 0 when the books balance at the end, 1 when they do not, 2 for a wrong option.
 */
public final class Sandbox {

    private Sandbox() {
    }

    /** Runs until the events are sent, or until Ctrl-C or SIGTERM. */
    public static void main(String[] arguments) {
        // The bridge's own log configuration is on the class path, and would write its log files for the sandbox too.
        System.setProperty("log4j2.loggerContextFactory",
                "org.apache.logging.log4j.simple.SimpleLoggerContextFactory");
        SandboxOptions options = null;
        try {
            options = SandboxOptions.parse(Path.of(""), arguments);
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
            System.out.println(SandboxOptions.USAGE);
            System.exit(2);
        }
        SandboxRun run = new SandboxRun(options, System.out);
        // A process that ends by a signal has its status from the signal, unless it is halted with another.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(run.stop()), "sandbox-stop"));
        System.exit(run.run());
    }
}

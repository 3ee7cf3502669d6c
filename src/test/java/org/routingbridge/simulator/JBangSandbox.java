package org.routingbridge.simulator;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.routingbridge.jbang.CamelRun;

/**
 * The sandbox for who edits routes: Camel JBang runs the bridge between the simulators, and reloads a route file when
 * it is saved. Its output goes to the terminal, between a line for each of the events, one a second. Arguments are
 * handed on to {@code camel run}. It has a directory of its own, so that it may run beside the other sandbox.
 */
public final class JBangSandbox {

    private static final Duration UNTIL_STOPPED = Duration.ofSeconds(15);
    private static final String DIRECTORY = "target/jbang-sandbox";

    private JBangSandbox() {
    }

    /** Runs until Camel JBang ends, or until Ctrl-C or SIGTERM, which end it too. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Files.createDirectories(Path.of(DIRECTORY));
        int status;
        try (FileChannel channel = FileChannel.open(directory.resolve("sandbox.lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE); FileLock lock = SandboxRun.lock(channel)) {
            if (lock == null) {
                System.out.println("Another sandbox is running in " + DIRECTORY + ".");
                status = 1;
            } else {
                status = run(directory, arguments);
            }
        }
        if (status != 0) {
            System.exit(status);
        }
    }

    private static int run(Path directory, String[] arguments) throws IOException, InterruptedException {
        try (EventBridgeSimulator eventBridge = new EventBridgeSimulator();
                CxoneSimulator cxone = new CxoneSimulator();
                DataLakeSimulator dataLake = new DataLakeSimulator()) {
            eventBridge.keepDetails(false);
            eventBridge.createBus(SandboxEnvironment.BUS);
            eventBridge.start();
            cxone.start();
            dataLake.start();
            int port = SandboxRun.freePort(SandboxRun.USUAL_PORT, 0);
            int managementPort = SandboxRun.freePort(SandboxRun.USUAL_MANAGEMENT_PORT, port);
            SandboxEnvironment environment = new SandboxEnvironment(DIRECTORY, port, managementPort, eventBridge,
                    cxone, dataLake);
            environment.write(directory.resolve("sandbox.env"));
            Process camel = start(environment, arguments);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(camel), "jbang-stop"));
            FatePrinter printer = new FatePrinter(eventBridge, dataLake, System.out);
            try (EventStream stream = new EventStream(cxone,
                    new EventStream.Options(1, 0, new Random().nextInt(1_000_000)), printer::print)) {
                stream.start();
                return camel.waitFor();
            }
        }
    }

    private static Process start(SandboxEnvironment environment, String[] arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // it starts sooner so, which is what whoever edits a route waits for
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), CamelRun.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        environment.putInto(builder.environment());
        return builder.start();
    }

    private static void stop(Process camel) {
        camel.destroy();
        try {
            if (!camel.waitFor(UNTIL_STOPPED.toSeconds(), TimeUnit.SECONDS)) {
                camel.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package org.routingbridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.camel.main.Main;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.routingbridge.eventbridge.EventBridgeClients;
import org.routingbridge.outbox.OutboxBroker;
import org.routingbridge.outbox.OutboxUnreadable;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.Ports;
import org.routingbridge.settings.Settings;
import sun.misc.Signal;

/**
 * Starts the bridge from the project's root: checks the settings, says where routes and properties are, and sees to it
 * that SIGTERM ends the process in order (contract, section 1).
 */
public final class BridgeApplication {

    private static final String PROPERTIES = "application.properties";
    private static final String ROUTES = "routes";
    private static final int EXIT_BAD_SETTINGS = 2;
    private static final int EXIT_FAILED = 1;

    private BridgeApplication() {
    }

    public static void main(String[] args) {
        int exit;
        try {
            exit = run();
        } catch (Exception | LinkageError e) {
            exit = explain(e);
        }
        System.exit(exit);
    }

    private static int run() throws Exception {
        if (!Files.isRegularFile(Path.of(PROPERTIES)) || !Files.isDirectory(Path.of(ROUTES))) {
            System.err.println(PROPERTIES + " and " + ROUTES + "/ are not in this directory;"
                    + " start the bridge from the project's root");
            return EXIT_BAD_SETTINGS;
        }
        Settings settings = Settings.load();
        System.setProperty("bridge.log.dir", settings.logDirectory().toString());
        DataDirectory dataDirectory = DataDirectory.claim(settings);
        Ports.checkFree(settings);
        // the two slowest parts of a start but Camel's own, at the same time as that
        OutboxBroker.startAhead(settings, dataDirectory);
        EventBridgeClients.createAhead(settings);

        Main main = new Main();
        main.setDefaultPropertyPlaceholderLocation("file:" + PROPERTIES);
        main.configure().setRoutesIncludePattern(routeFiles());
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        Signal.handle(new Signal("TERM"), signal -> main.completed());
        Signal.handle(new Signal("INT"), signal -> main.completed());
        main.run();
        return main.getExitCode();
    }

    /**
     * The route files by name, one after the other. Camel reads what matches a pattern in any order, and makes the
     * beans of a file twice unless that is the first.
     */
    static String routeFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(ROUTES))) {
            return files.map(file -> ROUTES + "/" + file.getFileName()).filter(name -> name.endsWith(".camel.yaml"))
                    .sorted().map(name -> "file:" + name).collect(Collectors.joining(","));
        }
    }

    /** Settings, YAML mistakes and damaged files are for a person to mend: one line each and no stack trace. */
    private static int explain(Throwable failure) {
        Throwable cause = failure;
        StringBuilder story = new StringBuilder();
        while (cause != null) {
            if (cause instanceof InvalidSettings invalid) {
                invalid.problems().forEach(System.err::println);
                return EXIT_BAD_SETTINGS;
            }
            if (cause instanceof OutboxUnreadable unreadable) {
                System.err.println(unreadable.getMessage());
                return EXIT_FAILED;
            }
            if (cause.getMessage() != null && story.indexOf(cause.getMessage()) < 0) {
                story.append(story.isEmpty() ? "" : ": ").append(cause.getMessage());
            }
            cause = cause.getCause();
        }
        System.err.println("The bridge could not start: " + story);
        return EXIT_FAILED;
    }
}

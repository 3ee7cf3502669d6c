package org.routingbridge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.main.Main;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.routingbridge.cli.Commands;
import org.routingbridge.cli.StopSignals;
import org.routingbridge.outbox.OutboxComponent;
import org.routingbridge.routes.FaultyRoutes;
import org.routingbridge.routes.Project;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.LogDirectory;
import org.routingbridge.settings.LogFormat;
import org.routingbridge.settings.Ports;
import org.routingbridge.settings.Settings;
import org.routingbridge.settings.SettingsFile;
import org.routingbridge.store.StoreUnusable;

/**
 * Starts the bridge from the project's root: checks the settings, says where routes and properties are, and sees to it
 * that SIGTERM ends the process in order (contract, section 1).
 */
public final class BridgeApplication {

    private static final String NAME = "cxone-routing-bridge";
    private static final String USAGE = """
            Usage: target/cxone-routing-bridge [-Dname=value | -Xoption]...
            Starts the bridge in the project's root.
              -Dname=value  a setting, such as -Dbridge.port=3001; README.md has the table of them
              -Xoption      an option of the JVM, such as -Xmx512m; JAVA_OPTS takes any of its options
              --help        this text
              --help routes the beans that a route may use, with their methods
              --version     the bridge's version
            Or, in place of a start (exit code 0 when all is well, 1 with findings, 2 for wrong use):
              check [DIR]   what is wrong with the routes and properties of a project, this one unless told
                            otherwise
              explain FILE  what the running bridge would answer to an event, check by check; - is standard input,
                            --json the whole answer
              doctor        whether the bridge has what it needs, with what mends each finding
              tail          the running bridge's recent events as lines, until Ctrl-C; -n N the last N first,
                            --outcome, --queue and --type with a word each choose
            JAVA_HOME says which Java: 25 or newer before all, 17 at least.
            """;
    private static final int EXIT_BAD_SETTINGS = 2;
    private static final int EXIT_FAILED = 1;

    private BridgeApplication() {
    }

    public static void main(String[] args) {
        // also what libraries write is for machines: no digits, calendar or letters of this machine's language
        Locale.setDefault(Locale.ROOT);
        LogFormat.apply();
        if (args.length > 0) {
            System.exit(answer(List.of(args)));
        }
        Main main = new Main();
        int exit;
        try {
            exit = run(main);
        } catch (Exception | LinkageError e) {
            Explanation explanation = Explanation.of(e, main.getCamelContext(), Path.of(Project.ROUTES));
            explanation.lines().forEach(System.err::println);
            exit = explanation.exit();
        }
        System.exit(exit);
    }

    /** What is asked of the bridge in place of a start. */
    private static int answer(List<String> arguments) {
        Commands commands = new Commands(BridgeApplication::project);
        if (commands.isVerb(arguments.get(0))) {
            return commands.run(arguments, System.out, System.err);
        }
        String argument = String.join(" ", arguments);
        switch (argument) {
            case "--help" -> System.out.print(USAGE);
            case "--help routes" -> System.out.print(RouteBeans.help());
            case "--version" -> System.out.println(NAME + " "
                    + Objects.requireNonNullElse(BridgeApplication.class.getPackage().getImplementationVersion(),
                            "that was not packaged"));
            default -> {
                System.err.println(argument + " is no option of the bridge; see --help");
                return EXIT_BAD_SETTINGS;
            }
        }
        return 0;
    }

    private static int run(Main main) throws Exception {
        if (!Files.isRegularFile(Path.of(Project.PROPERTIES)) || !Files.isDirectory(Path.of(Project.ROUTES))) {
            System.err.println(Project.PROPERTIES + " and " + Project.ROUTES + "/ are not in this directory;"
                    + " start the bridge from the project's root");
            return EXIT_BAD_SETTINGS;
        }
        Settings settings = Settings.load();
        Settings.warnings().forEach(System.err::println);
        LogDirectory.check(settings.logDirectory());
        Groundwork groundwork = Groundwork.lay(settings);
        Ports.checkFree(settings);
        main.bind(BridgeStart.NAME, new BridgeStart(groundwork));

        main.setDefaultPropertyPlaceholderLocation("file:" + Project.PROPERTIES);
        main.configure().setRoutesIncludePattern(routeFiles(Path.of(Project.ROUTES)));
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        StopSignals.handle(() -> groundwork.stopOrder().give(main::completed));
        main.run();
        return main.getExitCode();
    }

    static Project project(Path routes, SettingsFile settings) {
        return new Project(routes, settings, RouteBeans.types(), Set.of(OutboxComponent.SCHEME));
    }

    /** The pattern by which Camel reads the route files in their order. */
    static String routeFiles(Path directory) throws IOException {
        return Project.routeFiles(directory).stream().map(file -> "file:" + file).collect(Collectors.joining(","));
    }

    /**
     * Why there was no start. Settings, mistakes in routes and damaged files are for a person to mend: one line each
     * and no stack trace.
     *
     * @param exit  the process's exit code
     * @param lines for the person
     */
    record Explanation(int exit, List<String> lines) {

        /**
         * @param context that could not be started; null where there was none yet
         * @param routes  the directory of route files, which the check may find more in than Camel says
         */
        static Explanation of(Throwable failure, CamelContext context, Path routes) {
            StringBuilder story = new StringBuilder();
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof InvalidSettings invalid) {
                    return new Explanation(EXIT_BAD_SETTINGS, invalid.problems());
                }
                if (cause instanceof FaultyRoutes faulty) {
                    return new Explanation(EXIT_FAILED, checked(routes, faulty.problems()));
                }
                if (cause instanceof FailedToCreateRouteException failed) {
                    return new Explanation(EXIT_FAILED, checked(routes,
                            List.of(FaultyRoutes.describe(failed, context))));
                }
                if (cause instanceof StoreUnusable unusable) {
                    return new Explanation(EXIT_FAILED, List.of(unusable.getMessage()));
                }
                if (cause.getMessage() != null && story.indexOf(cause.getMessage()) < 0) {
                    story.append(story.isEmpty() ? "" : ": ").append(cause.getMessage());
                }
            }
            return new Explanation(EXIT_FAILED, checked(routes, List.of("The bridge could not start: " + story)));
        }

        /** What the verb {@code check} says too; what Camel has said where that is nothing. */
        private static List<String> checked(Path routes, List<String> said) {
            try {
                List<String> errors = project(routes, SettingsFile.ofThisProcess()).errors();
                return errors.isEmpty() ? said : errors;
            } catch (UncheckedIOException e) {
                return said;
            }
        }
    }
}

package org.routingbridge.jbang;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

import org.apache.camel.dsl.jbang.core.commands.CamelJBangMain;

/**
 * Camel JBang's own {@code camel run --dev} over {@code application.properties} and {@code routes/} of the working
 * directory. Camel JBang finds the bridge's classes, and every component the routes name, on this JVM's class path, so
 * that nothing has to be installed for it. Arguments are handed on to {@code camel run}.
 */
public final class CamelRun {

    /** What these say of a start helps nobody who edits routes. */
    private static final List<String> QUIET = List.of("org.apache.camel.main.BaseMainSupport",
            "org.apache.camel.main.ProfileConfigurer", "org.apache.camel.support.LifecycleStrategySupport",
            "org.apache.camel.cli.connector.LocalCliConnector");

    private CamelRun() {
    }

    /** Returns when Camel JBang ends, which a signal makes it do. */
    public static void main(String[] arguments) {
        CamelJBangMain.run(command(Path.of("routes"), arguments).toArray(String[]::new));
    }

    static List<String> command(Path routes, String... more) {
        List<String> command = new ArrayList<>(List.of("run", "--dev",
                "--prop=camel.beans.noWebServer=#class:" + NoWebServer.class.getName()));
        QUIET.forEach(category -> command.add("--logging-category=" + category + "=WARN"));
        command.addAll(List.of(more));
        command.add("application.properties");
        TreeSet<String> files = new TreeSet<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(routes, "*.camel.yaml")) {
            found.forEach(file -> files.add(file.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        command.addAll(files);
        return command;
    }
}

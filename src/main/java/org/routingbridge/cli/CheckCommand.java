package org.routingbridge.cli;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

import org.routingbridge.routes.Finding;
import org.routingbridge.routes.Project;
import org.routingbridge.settings.SettingsFile;

/**
 * {@code check [DIR]}: what is wrong with the routes and properties of a project, a line each, before it is started.
 * Nothing is started for it, no port taken, no data directory opened and no secret needed.
 */
public final class CheckCommand implements Command {

    private final BiFunction<Path, SettingsFile, Project> projects;

    /** @param projects makes a project of a directory of routes and its properties */
    public CheckCommand(BiFunction<Path, SettingsFile, Project> projects) {
        this.projects = projects;
    }

    @Override
    public int run(List<String> arguments, PrintStream out, PrintStream err) {
        List<String> directories = new Arguments(arguments, Set.of(), Set.of()).rest(0, 1, "one directory at most");
        return check(directories.isEmpty() ? Path.of("") : Arguments.path(directories.get(0)), out, err);
    }

    private int check(Path directory, PrintStream out, PrintStream err) {
        Path properties = directory.resolve(Project.PROPERTIES);
        Path routes = directory.resolve(Project.ROUTES);
        if (!Files.isRegularFile(properties) || !Files.isDirectory(routes)) {
            err.println(Project.PROPERTIES + " and " + Project.ROUTES + "/ are not in "
                    + (directory.toString().isEmpty() ? "this directory" : directory) + ", which is no project's root");
            return WRONG_USE;
        }
        List<Finding> findings = projects.apply(routes, SettingsFile.alone(properties)).findings();
        findings.forEach(out::println);
        if (findings.isEmpty()) {
            out.println("Nothing is wrong with " + routes + " and " + properties);
        }
        return findings.isEmpty() ? WELL : FINDINGS;
    }
}

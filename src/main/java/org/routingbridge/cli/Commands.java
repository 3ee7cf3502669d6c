package org.routingbridge.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;

import org.routingbridge.failure.FailureText;
import org.routingbridge.routes.Project;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.SettingsFile;

/** The launcher's verbs, by their names. None of them starts the routes, so that each answers soon. */
public final class Commands {

    private final Map<String, Supplier<Command>> verbs;

    /** @param projects makes a project of a directory of routes and its properties */
    public Commands(BiFunction<Path, SettingsFile, Project> projects) {
        verbs = Map.of(
                "check", () -> new CheckCommand(projects),
                "doctor", DoctorCommand::new,
                "explain", ExplainCommand::new,
                "tail", TailCommand::new);
    }

    /** Whether this is one of them. */
    public boolean isVerb(String word) {
        return verbs.containsKey(word);
    }

    /**
     * Does what the first argument names, with those behind it.
     *
     * @return the process's exit code
     */
    public int run(List<String> arguments, PrintStream out, PrintStream err) {
        String verb = arguments.get(0);
        int exit;
        try {
            exit = verbs.get(verb).get().run(arguments.subList(1, arguments.size()), out, err);
        } catch (WrongUse e) {
            err.println(TerminalText.line(verb + ": " + e.getMessage()));
            exit = Command.WRONG_USE;
        } catch (InvalidSettings e) {
            e.problems().forEach(problem -> err.println(TerminalText.line(problem)));
            exit = Command.WRONG_USE;
        } catch (NoBridge e) {
            err.println(TerminalText.line(e.getMessage()));
            exit = Command.WRONG_USE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exit = Command.FINDINGS;
        } catch (Exception e) {
            err.println(TerminalText.line(verb + ": " + FailureText.of(e)));
            exit = Command.FINDINGS;
        }
        out.flush();
        return exit;
    }
}

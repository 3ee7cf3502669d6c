package org.routingbridge.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.routingbridge.failure.FailureText;
import org.routingbridge.settings.InvalidSettings;

/** The launcher's verbs, by their names. None of them starts Camel's routes, so that each answers at once. */
public final class Commands {

    private static final Map<String, Supplier<Command>> VERBS = Map.of(
            "doctor", DoctorCommand::new,
            "explain", ExplainCommand::new,
            "tail", TailCommand::new);

    private Commands() {
    }

    /** Whether this is one of them. */
    public static boolean isVerb(String word) {
        return VERBS.containsKey(word);
    }

    /**
     * Does what the first argument names, with those behind it.
     *
     * @return the process's exit code
     */
    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        String verb = arguments.get(0);
        int exit;
        try {
            exit = VERBS.get(verb).get().run(arguments.subList(1, arguments.size()), out, err);
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

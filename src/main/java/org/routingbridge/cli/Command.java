package org.routingbridge.cli;

import java.io.PrintStream;
import java.util.List;

/** What the launcher takes in place of a start (contract, section 9). */
@FunctionalInterface
public interface Command {

    /** All is well. */
    int WELL = 0;
    /** Something was found that is to be mended. */
    int FINDINGS = 1;
    /** It was used wrongly, or what it needs is not there. */
    int WRONG_USE = 2;

    /**
     * Does it.
     *
     * @param arguments behind the verb
     * @param out       for what was asked for
     * @param err       for why it cannot be had
     * @return the process's exit code
     * @throws WrongUse where the arguments are not such as it takes
     */
    int run(List<String> arguments, PrintStream out, PrintStream err) throws Exception;
}

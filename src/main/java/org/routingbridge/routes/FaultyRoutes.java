package org.routingbridge.routes;

import java.util.List;
import java.util.stream.Collectors;

import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.NamedNode;
import org.apache.camel.VetoCamelContextStartException;

/** The routes do not allow a start. Each problem is one line: file, line, step, what is wrong, what may be meant. */
public final class FaultyRoutes extends VetoCamelContextStartException {

    private final transient List<String> problems;

    FaultyRoutes(List<String> problems, CamelContext context) {
        super(String.join(System.lineSeparator(), problems), context, true);
        this.problems = List.copyOf(problems);
    }

    /**
     * A route that Camel itself could not make, in a line.
     *
     * @param context whose route it is; null where it is not known
     */
    public static String describe(FailedToCreateRouteException failure, CamelContext context) {
        String reason = reason(failure);
        NamedNode node = context == null ? null : RoutesCheck.culprit(context, failure);
        return node == null ? "route " + failure.getRouteId() + ": " + reason
                : Finding.about(node, Finding.Kind.ERROR, reason).toString();
    }

    /** What the innermost cause says, in a line. */
    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).lines().map(String::strip).filter(line -> !line.isEmpty())
                .collect(Collectors.joining(" "));
    }

    public List<String> problems() {
        return problems;
    }
}

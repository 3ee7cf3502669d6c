package org.routingbridge.routes;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import org.apache.camel.NamedNode;
import org.apache.camel.model.RouteDefinition;
import org.routingbridge.settings.Slips;

/**
 * Something that the check of routes and properties has found (contract, sections 1 and 9).
 *
 * @param kind    what becomes of a start
 * @param file    as its reader would name it; empty where it is not known
 * @param line    from 1; 0 where it is not known
 * @param subject what it is about, such as {@code step make-safe}; empty where the line says enough
 * @param what    in words, with what may have been meant
 */
public record Finding(Kind kind, String file, int line, String subject, String what) {

    /** In the order in which a person reads the files. */
    static final Comparator<Finding> BY_PLACE = Comparator.comparing(Finding::file).thenComparing(Finding::line);

    /** What becomes of a start and of a reload with such a finding. */
    public enum Kind {
        /** It is refused. */
        ERROR,
        /** It goes on, and the log has a line. */
        REMARK
    }

    static Finding error(String file, int line, String subject, String what) {
        return new Finding(Kind.ERROR, file, line, subject, what);
    }

    static Finding remark(String file, int line, String subject, String what) {
        return new Finding(Kind.REMARK, file, line, subject, what);
    }

    static Finding about(NamedNode node, Kind kind, String what) {
        return new Finding(kind, fileOf(node.getLocation()), node.getLineNumber(),
                (node instanceof RouteDefinition ? "route " : "step ") + nameOf(node), what);
    }

    private static String nameOf(NamedNode node) {
        return node.getId() != null ? node.getId() : node.getShortName();
    }

    static String fileOf(String location) {
        return location == null ? "" : location.startsWith("file:") ? location.substring("file:".length()) : location;
    }

    boolean isError() {
        return kind == Kind.ERROR;
    }

    /** Only the errors, as lines. */
    static List<String> errors(Collection<Finding> findings) {
        return findings.stream().filter(Finding::isError).map(Finding::toString).toList();
    }

    /** The line that a person reads: file, line, step, what, and what may have been meant. */
    @Override
    public String toString() {
        return (file.isEmpty() ? "" : file + (line > 0 ? ":" + line : "") + ": ")
                + (subject.isEmpty() ? "" : subject + ": ") + what;
    }

    /** The end of a sentence about a name that is unknown: the nearest known one, where one is near. */
    static String nearest(String name, Collection<String> known) {
        return Slips.nearest(name, known).map(near -> "; did you mean " + near + "?").orElse("");
    }
}

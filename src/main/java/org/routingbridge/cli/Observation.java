package org.routingbridge.cli;

import java.util.List;
import java.util.Locale;

/**
 * One thing that was looked at.
 *
 * @param subject what it is about, in a word
 * @param what    how it is, in a sentence
 * @param mend    what is to be done about it; null where all is well
 */
record Observation(String subject, String what, String mend) {

    static Observation well(String subject, String what) {
        return new Observation(subject, what, null);
    }

    static Observation finding(String subject, String what, String mend) {
        return new Observation(subject, what, mend);
    }

    boolean isFinding() {
        return mend != null;
    }

    /** As a person reads it, a finding with its mend on the next line. */
    List<String> lines() {
        String line = String.format(Locale.ROOT, "%-7s  %-9s  %s", isFinding() ? "FINDING" : "ok", subject,
                TerminalText.line(what));
        return isFinding() ? List.of(line, " ".repeat(20) + "mend: " + TerminalText.line(mend)) : List.of(line);
    }
}

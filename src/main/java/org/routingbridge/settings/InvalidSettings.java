package org.routingbridge.settings;

import java.util.List;

/** The settings do not allow a start. Each problem is one line: the setting's name, what is wrong, an example. */
public final class InvalidSettings extends RuntimeException {

    private final transient List<String> problems;

    public InvalidSettings(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}

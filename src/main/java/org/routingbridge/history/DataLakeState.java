package org.routingbridge.history;

import java.util.Locale;

/** What became of an event's notification for the data lake. */
public enum DataLakeState {
    /** The data lake has it. */
    TOLD,
    /** It is kept on disk and tried again. */
    WAITING,
    /** The data lake will not take it, or has not for a day. */
    DEAD_LETTERED,
    /** It could be kept nowhere. */
    LOST;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** Its name to the outside. */
    public String word() {
        return word;
    }
}

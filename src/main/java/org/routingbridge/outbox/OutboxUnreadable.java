package org.routingbridge.outbox;

import java.nio.file.Path;

/** The broker cannot start with the outbox's files as they are, which is for a person to deal with. */
public final class OutboxUnreadable extends Exception {

    OutboxUnreadable(Path directory, Path asItWas, int events, Exception reason) {
        super("The outbox in " + directory + " is damaged and cannot be opened"
                + (reason == null ? "" : " (" + reason + ")")
                + "; restore it from a backup, or move it away to start without what is in it (" + events + " by the"
                + " ledger beside it, which the bridge then lists); where the lines above name one page file, it is"
                + " enough to move that away; its files as they were are in " + asItWas, reason);
    }
}

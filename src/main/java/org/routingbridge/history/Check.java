package org.routingbridge.history;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

import org.routingbridge.event.Refusal;

/** What an event is held against on its way in, in this order (contract, section 3). */
public enum Check {
    SECRET(Refusal.UNAUTHORIZED),
    MEDIA_TYPE(Refusal.UNSUPPORTED_MEDIA_TYPE),
    BODY_SIZE(Refusal.PAYLOAD_TOO_LARGE, Refusal.REQUEST_TIMEOUT, Refusal.MALFORMED_REQUEST),
    JSON(Refusal.MALFORMED_JSON),
    SCHEMA(Refusal.SCHEMA_VIOLATION),
    DUPLICATE,
    ENTRY_SIZE(Refusal.ENTRY_TOO_LARGE),
    ORDERING(Refusal.ORDERING_VIOLATION);

    private final Set<Refusal> refusals;
    private final String word = name().toLowerCase(Locale.ROOT);

    Check(Refusal... refusals) {
        this.refusals = Set.of(refusals);
    }

    /** The check that refuses with this code; null where none does, since it is no event's fault. */
    public static Check of(String refusalCode) {
        return Arrays.stream(values())
                .filter(check -> check.refusals.stream().anyMatch(refusal -> refusal.code().equals(refusalCode)))
                .findFirst().orElse(null);
    }

    /** Its name to the outside. */
    public String word() {
        return word;
    }
}

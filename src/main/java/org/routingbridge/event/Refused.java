package org.routingbridge.event;

import java.util.List;

/**
 * The sender still owns this event. Carries all that the reply says; made without a stack trace, since a refusal is an
 * outcome and not a fault of the program.
 */
public sealed class Refused extends RuntimeException permits Unauthorized {

    private final Refusal refusal;
    private final transient List<Violation> violations;

    /**
     * @param refusal which one
     * @param message one sentence the sender's people can act on; never a class name, a secret or a payload
     */
    public Refused(Refusal refusal, String message) {
        this(refusal, message, List.of());
    }

    public Refused(Refusal refusal, String message, List<Violation> violations) {
        super(message, null, false, false);
        this.refusal = refusal;
        this.violations = violations;
    }

    public Refusal refusal() {
        return refusal;
    }

    public List<Violation> violations() {
        return violations;
    }
}

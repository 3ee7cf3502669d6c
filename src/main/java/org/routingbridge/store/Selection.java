package org.routingbridge.store;

import java.util.ArrayList;
import java.util.List;

/**
 * Which rows are meant (contract, section 8).
 *
 * @param reason what stands before the reason's colon; null for any
 * @param from   received at this time or later, in milliseconds since the epoch
 * @param to     received before this time
 */
public record Selection(String reason, long from, long to) {

    /** All there are. */
    public static final Selection ALL = new Selection(null, Long.MIN_VALUE, Long.MAX_VALUE);

    String condition() {
        return (reason == null ? "" : "reason_code = ? and ") + "received_wall >= ? and received_wall < ?";
    }

    Object[] parameters(Object... last) {
        List<Object> parameters = new ArrayList<>();
        if (reason != null) {
            parameters.add(reason);
        }
        parameters.add(from);
        parameters.add(to);
        parameters.addAll(List.of(last));
        return parameters.toArray();
    }
}

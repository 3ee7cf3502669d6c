package org.routingbridge.listing;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What {@code POST …/replay} answers.
 *
 * @param replayed how many were put back, or would have been
 * @param dryRun   true where they were only counted, else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Replayed(long replayed, Boolean dryRun) {

    public Replayed(long replayed) {
        this(replayed, null);
    }
}

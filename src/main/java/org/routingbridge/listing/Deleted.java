package org.routingbridge.listing;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What {@code DELETE /ops/dead-letters} answers.
 *
 * @param deleted how many were deleted, or would have been
 * @param dryRun  true where they were only counted, else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Deleted(long deleted, Boolean dryRun) {
}

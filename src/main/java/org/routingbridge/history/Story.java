package org.routingbridge.history;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * What became of an event, as an operator reads it (contract, section 9). Times are RFC 3339 in UTC; what does not
 * apply is absent.
 *
 * @param id       as received; absent where the sender gave none that could be read
 * @param outcome  the word of section 3 for where it stands now; absent while that is not known
 * @param steps    in their order; null in a list
 * @param dataLake what the data lake was told of it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"id", "eventType", "queueId", "receivedAt", "outcome", "steps", "entry", "dataLake"})
public record Story(String id, String eventType, String queueId, String receivedAt, String outcome, List<Step> steps,
                    Entry entry, DataLake dataLake) {

    /**
     * One thing that happened.
     *
     * @param step      {@code received}, the name of a {@link Check}, {@code attempt} with its number,
     *                  {@code outbox}, {@code dead_letter} or {@code reply}
     * @param result    {@code passed} or {@code failed} of a check, {@code success} or {@code failure} of an attempt,
     *                  else a word of section 3
     * @param latencyMs of an attempt; of a reply, since receipt
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({"at", "step", "result", "latencyMs", "error"})
    public record Step(String at, String step, String result, Long latencyMs, String error) {
    }

    /**
     * What EventBridge has of it.
     *
     * @param bytes of the entry by AWS's count; of all of them together where it was cut into chunks
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({"bytes", "eventBridgeEventId"})
    public record Entry(Integer bytes, String eventBridgeEventId) {
    }

    /**
     * What became of its notification.
     *
     * @param state {@code told}, {@code waiting}, {@code dead_lettered} or {@code lost}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({"state", "at", "error"})
    public record DataLake(String state, String at, String error) {
    }
}

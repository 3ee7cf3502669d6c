package org.routingbridge.explain;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * What would be answered to an event, and why (contract, section 9).
 *
 * @param outcome the reply's word, as in the contract's section 3
 * @param status  the reply's HTTP status
 * @param checks  in the order of section 3
 * @param entry   that would be sent, the first one where the event would be cut into chunks; absent where none would
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"outcome", "status", "checks", "entry"})
public record Explanation(String outcome, int status, List<CheckResult> checks, Entry entry) {

    /**
     * One check.
     *
     * @param check  its name
     * @param result {@code passed}, {@code failed}, or {@code not_reached} behind one that failed
     * @param detail what a person can act on; absent where there is nothing to say
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({"check", "result", "detail"})
    public record CheckResult(String check, String result, String detail) {
    }

    /**
     * An entry of PutEvents, with AWS's own names.
     *
     * @param time        RFC 3339 in UTC, to the millisecond
     * @param detail      JSON
     * @param traceHeader as AWS X-Ray writes it; absent where the request is part of no trace
     * @param bytes       by AWS's count, with the trace header
     * @param chunks      how many entries the event makes; absent where it is one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({"EventBusName", "Source", "DetailType", "Time", "Detail", "TraceHeader", "bytes", "chunks"})
    public record Entry(@JsonProperty("EventBusName") String eventBusName, @JsonProperty("Source") String source,
                        @JsonProperty("DetailType") String detailType, @JsonProperty("Time") String time,
                        @JsonProperty("Detail") String detail, @JsonProperty("TraceHeader") String traceHeader,
                        int bytes, Integer chunks) {
    }
}

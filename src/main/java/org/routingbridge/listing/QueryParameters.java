package org.routingbridge.listing;

import java.util.List;
import java.util.Map;
import java.util.Set;

import io.netty.handler.codec.http.QueryStringDecoder;
import org.apache.camel.Exchange;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;

/** What stands in a request's query, and nothing that came as a header or in a body. */
public final class QueryParameters {

    private final Map<String, List<String>> values;

    private QueryParameters(Map<String, List<String>> values) {
        this.values = values;
    }

    public static QueryParameters of(Exchange exchange) {
        String query = exchange.getMessage().getHeader(Exchange.HTTP_QUERY, "", String.class);
        return new QueryParameters(new QueryStringDecoder(query, false).parameters());
    }

    /**
     * A parameter's value; null where it is absent or empty.
     *
     * @throws Refused {@code malformed_request} where it is given more than once
     */
    public String text(String name) {
        List<String> given = values.getOrDefault(name, List.of());
        if (given.size() > 1) {
            throw new Refused(Refusal.MALFORMED_REQUEST, name + " is given more than once");
        }
        return given.isEmpty() || given.get(0).isEmpty() ? null : given.get(0);
    }

    /**
     * @throws Refused {@code malformed_request} where there is another one, or one without a value
     */
    void allowOnly(Set<String> names) {
        values.forEach((name, given) -> {
            if (!names.contains(name)) {
                throw new Refused(Refusal.MALFORMED_REQUEST, "This takes the parameters reason, from, to and dryRun,"
                        + " and no others; nothing was done");
            }
            if (given.contains("")) {
                throw new Refused(Refusal.MALFORMED_REQUEST, name + " has no value; nothing was done");
            }
        });
    }
}

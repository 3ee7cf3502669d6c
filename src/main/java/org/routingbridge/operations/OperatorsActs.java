package org.routingbridge.operations;

import java.util.Set;

import io.vertx.core.http.HttpServerRequest;

/**
 * Refuses a request to change something that may mean less than its path does: what a script sends whose variable is
 * empty must not be taken for all there is.
 */
final class OperatorsActs {

    private static final String OPERATIONS = "/ops/";
    /** Those that are chosen by a query. */
    private static final Set<String> OF_MANY = Set.of("/ops/dead-letters", "/ops/dead-letters/replay");
    private static final String FORM = "application/x-www-form-urlencoded";

    private OperatorsActs() {
    }

    /**
     * @param path as it is routed by
     * @return why the request is not served, or null where it is
     */
    static Problem problemOf(HttpServerRequest request, String path) {
        if (ManagementGuard.READING.contains(request.method()) || !path.startsWith(OPERATIONS)) {
            return null;
        }
        if (path.endsWith("/") || segments(path) != segments(request.path())) {
            return Problem.of(404);
        }
        boolean isOfMany = OF_MANY.contains(path);
        if (!isOfMany && request.query() != null && !request.query().isEmpty()) {
            return new Problem(400, "malformed_request",
                    "This takes no parameters, since its path says what it is for");
        }
        String type = request.getHeader("Content-Type");
        if (isOfMany && type != null && type.startsWith(FORM) && !"0".equals(request.getHeader("Content-Length"))) {
            return new Problem(400, "malformed_request", "Give the filters in the query; this takes no body");
        }
        return null;
    }

    private static long segments(String path) {
        return path.chars().filter(c -> c == '/').count();
    }
}

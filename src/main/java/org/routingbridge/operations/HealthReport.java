package org.routingbridge.operations;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;

/**
 * What the health checks say, with each check's data, the reason among it (contract, section 8). What Camel adds for
 * itself, class names among it, is left out.
 *
 * @param up     whether all is well
 * @param checks by their name, in Camel's order
 */
record HealthReport(boolean up, Collection<HealthCheck.Result> checks) {

    private static final String EVERYTHING = "full";

    static HealthReport all(CamelContext context) {
        Collection<HealthCheck.Result> results = HealthCheckHelper.invoke(context, EVERYTHING);
        return new HealthReport(HealthCheckHelper.isResultsUp(results, false), results);
    }

    static HealthReport liveness(CamelContext context) {
        Collection<HealthCheck.Result> results = HealthCheckHelper.invokeLiveness(context, EVERYTHING);
        return new HealthReport(HealthCheckHelper.isResultsUp(results, false), results);
    }

    /** Not ready where there is no check yet: the bridge is starting. */
    static HealthReport readiness(CamelContext context) {
        Collection<HealthCheck.Result> results = HealthCheckHelper.invokeReadiness(context, EVERYTHING);
        return new HealthReport(!results.isEmpty() && HealthCheckHelper.isResultsUp(results, true), results);
    }

    /** As it is written as JSON. */
    Map<String, Object> body() {
        List<Map<String, Object>> list = new ArrayList<>();
        checks.forEach(result -> list.add(body(result)));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", up ? "UP" : "DOWN");
        body.put("checks", list);
        return body;
    }

    /** Whether Camel says that it does not run, which it takes for a stop also while it starts. */
    private static boolean isOfTheContext(HealthCheck.Result result) {
        return result.getCheck().getId().equals("context") && result.getState() == HealthCheck.State.DOWN;
    }

    private static Map<String, Object> body(HealthCheck.Result result) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", result.getCheck().getId());
        body.put("status", result.getState().name());
        result.getMessage().ifPresent(message -> body.put("message", isOfTheContext(result)
                ? "The bridge is starting or stopping" : message));
        Map<String, Object> data = new TreeMap<>(result.getDetails());
        // Camel's own have a dot in their name
        data.keySet().removeIf(name -> name.contains("."));
        if (!data.isEmpty()) {
            body.put("data", data);
        }
        return body;
    }
}

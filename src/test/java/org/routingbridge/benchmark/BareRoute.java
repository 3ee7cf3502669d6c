package org.routingbridge.benchmark;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;

/** One stock platform-http route that answers without looking at what came: what Camel's HTTP side costs alone. */
public final class BareRoute {

    private BareRoute() {
    }

    /** Serves on the port that the environment names until it is killed. */
    public static void main(String[] arguments) throws Exception {
        Main main = new Main();
        main.addInitialProperty("camel.server.enabled", "true");
        main.addInitialProperty("camel.server.port", System.getenv("PORT"));
        main.addInitialProperty("camel.main.jmxEnabled", "false");
        main.configure().addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/webhook/routing-events").setBody(constant("{\"status\":\"processed\"}"));
            }
        });
        main.run();
    }
}

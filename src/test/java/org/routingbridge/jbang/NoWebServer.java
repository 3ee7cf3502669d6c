package org.routingbridge.jbang;

import org.apache.camel.CamelContext;
import org.apache.camel.Service;
import org.apache.camel.component.platform.http.main.DefaultMainHttpServerFactory;
import org.apache.camel.component.platform.http.main.MainHttpServer;
import org.apache.camel.main.HttpServerConfigurationProperties;

/**
 * Keeps Camel JBang from starting a web server of its own beside the bridge's two as soon as a route names
 * {@code platform-http}: one on port 8080 of all interfaces, of which a second {@code camel run} then finds the port
 * taken, and which says that it serves what it does not.
 */
public final class NoWebServer extends DefaultMainHttpServerFactory {

    @Override
    public Service newHttpServer(CamelContext context, HttpServerConfigurationProperties configuration) {
        return new NotStarted();
    }

    private static final class NotStarted extends MainHttpServer {

        @Override
        protected void doInit() {
            // there is nothing to make
        }

        @Override
        protected void doStart() {
            // nor to start
        }
    }
}

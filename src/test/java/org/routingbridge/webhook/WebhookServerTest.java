package org.routingbridge.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.Settings;
import org.routingbridge.settings.SettingsForTests;
import org.routingbridge.simulator.FreePorts;

class WebhookServerTest {

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    private final DefaultCamelContext camelContext = new DefaultCamelContext();
    private final Settings settings = SettingsForTests.with("bridge.port", Integer.toString(FreePorts.choose(1)[0]));
    private final WebhookServer server = new WebhookServer(camelContext, settings);

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void itsConnectionsAreSharedByAsManyEventLoopsAsThereAreCores() throws Exception {
        // Given
        Set<String> eventLoops = ConcurrentHashMap.newKeySet();
        server.start();
        VertxPlatformHttpRouter.lookup(camelContext, server.routerName()).route("/who").order(-1).handler(ctx -> {
            eventLoops.add(Thread.currentThread().getName());
            ctx.response().end();
        });

        // When
        for (int connection = 0; connection < 2 * CORES; connection++) {
            HttpResponse<Void> reply = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build().send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + settings.port() + "/who")).build(),
                    HttpResponse.BodyHandlers.discarding());
            assertThat(reply.statusCode()).isEqualTo(200);
        }

        // Then
        assertThat(eventLoops).hasSize(CORES);
    }

    @Test
    void aPortThatIsTakenIsNamedWithTheSettingThatChangesIt() throws Exception {
        // Given
        server.start();
        WebhookServer second = new WebhookServer(new DefaultCamelContext(), settings);

        // When, Then
        assertThatThrownBy(second::start).isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("port " + settings.port() + " cannot be listened on");
    }
}

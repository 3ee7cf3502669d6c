package org.routingbridge.datalake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;

import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.simulator.DataLakeSimulator;

/** How much may wait for the data lake. */
class DataLakeTest {

    private static final int WEBHOOK_PORT = 3000;
    private static final int MOST_BYTES = 1000;

    private final DataLakeSimulator simulator = new DataLakeSimulator();
    private final Vertx vertx = Vertx.vertx();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private DataLake dataLake;

    @BeforeEach
    void start() {
        simulator.start();
        String webhook = VertxPlatformHttpRouter.getRouterNameFromPort(WEBHOOK_PORT);
        context.getRegistry().bind(webhook,
                new VertxPlatformHttpRouter(null, vertx, Router.router(vertx), webhook));
        dataLake = new DataLake(URI.create(simulator.endpoint() + "/routing-events"), null, Duration.ofSeconds(30),
                WEBHOOK_PORT, MOST_BYTES);
        dataLake.setCamelContext(context);
        dataLake.start();
    }

    @AfterEach
    void stop() throws Exception {
        dataLake.stop();
        vertx.close().toCompletionStage().toCompletableFuture().get();
        simulator.close();
        context.close();
    }

    private final class Call implements AsyncCallback {

        private final Exchange exchange = new DefaultExchange(context);
        private volatile boolean done;

        Call(int bytes) {
            exchange.getMessage().setBody(" ".repeat(bytes - 2).concat("{}").getBytes());
            dataLake.process(exchange, this);
        }

        @Override
        public void done(boolean doneSync) {
            done = true;
        }

        boolean isDone() {
            return done;
        }

        Exception failure() {
            return exchange.getException();
        }
    }

    @Test
    void noMoreBytesWaitThanMemoryHolds() {
        // Given
        simulator.trouble().alwaysHang();
        Call first = new Call(MOST_BYTES - 100);

        // When
        Call tooMuch = new Call(101);
        Call fits = new Call(100);

        // Then
        assertThat(tooMuch.isDone()).isTrue();
        assertThat(tooMuch.failure()).hasMessageContaining("than memory holds");
        assertThat(first.isDone()).isFalse();
        assertThat(fits.isDone()).isFalse();
    }

    @Test
    void anAnswerMakesRoom() {
        // Given
        Call first = new Call(MOST_BYTES);
        await().until(first::isDone);
        simulator.trouble().next(1, 503);
        Call refused = new Call(MOST_BYTES);
        await().until(refused::isDone);

        // When
        Call next = new Call(MOST_BYTES);

        // Then
        await().until(next::isDone);
        assertThat(first.failure()).isNull();
        assertThat(refused.failure()).hasMessageContaining("503");
        assertThat(next.failure()).isNull();
    }
}

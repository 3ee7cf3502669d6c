package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DataLakeSimulatorTest {

    private final DataLakeSimulator simulator = new DataLakeSimulator();
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void start() {
        simulator.start();
    }

    @AfterEach
    void stop() {
        simulator.close();
    }

    @Test
    void aNotificationIsRemembered() throws Exception {
        // When
        int status = post("{\"eventId\":\"e1\"}");

        // Then
        assertThat(status).isEqualTo(200);
        assertThat(simulator.timesNotified("e1")).isOne();
        assertThat(simulator.requests()).singleElement().satisfies(request -> {
            assertThat(request.path()).isEqualTo("/any/path");
            assertThat(request.header("authorization")).hasValue("Key 1");
            assertThat(request.body()).isEqualTo("{\"eventId\":\"e1\"}");
        });
    }

    @Test
    void whatWasRefusedIsARequestAndNoNotification() throws Exception {
        // Given
        simulator.trouble().next(1, 503).nextReset(1);

        // When
        int refused = post("{\"eventId\":\"e1\"}");
        assertThatThrownBy(() -> post("{\"eventId\":\"e1\"}")).isInstanceOf(IOException.class);
        int taken = post("{\"eventId\":\"e1\"}");

        // Then
        assertThat(refused).isEqualTo(503);
        assertThat(taken).isEqualTo(200);
        assertThat(simulator.requests()).hasSize(3);
        assertThat(simulator.notifications()).hasSize(1);
    }

    @Test
    void standingTroubleLastsUntilItIsLifted() throws Exception {
        // Given
        simulator.trouble().always(404);

        // When
        int first = post("{}");
        int second = post("{}");
        simulator.trouble().none();
        int third = post("{}");

        // Then
        assertThat(new int[] {first, second, third}).containsExactly(404, 404, 200);
    }

    private int post(String body) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(simulator.endpoint() + "/any/path"))
                .header("Authorization", "Key 1").POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.discarding()).statusCode();
    }
}

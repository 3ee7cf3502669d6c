package org.routingbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import com.networknt.schema.JsonSchema;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.JsonReader;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.RoutingEventReader;
import org.routingbridge.event.UnvalidatedEvent;
import org.routingbridge.settings.SettingsForTests;
import org.routingbridge.webhook.EventSchemaLoader;

class EventRequestsTest {

    private static final Map<String, String> HEADERS = Map.of("X-Webhook-Secret", "secret");

    private final RoutingEventReader reader = new RoutingEventReader(SettingsForTests.with());

    private static byte[] nextBody(EventRequests requests) {
        ByteBuf request = Unpooled.buffer();
        requests.write(request);
        MessageReader message = new MessageReader();
        assertThat(message.read(request)).isTrue();
        assertThat(Ascii.text(message.bytes(), 0, message.bodyStart()))
                .startsWith("POST /hook HTTP/1.1\r\n").contains("\r\nX-Webhook-Secret: secret\r\n");
        return Arrays.copyOfRange(message.bytes(), message.bodyStart(), message.end());
    }

    private static UnvalidatedEvent read(byte[] body) {
        return new JsonReader().read(new Delivery(name -> null, body, Instant.now()));
    }

    @ParameterizedTest
    @ValueSource(ints = {Cell.SMALL, Cell.LARGE})
    void everyEventHasItsSizeAndIsValidAndOfNow(int bytes) throws Exception {
        // Given
        EventRequests requests = new EventRequests("/hook", HEADERS, bytes, 1);
        JsonSchema schema;
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            schema = new EventSchemaLoader().createSchema(context, "schema/routing-event-v1.json");
        }

        for (int i = 0; i < 30; i++) {
            // When
            byte[] body = nextBody(requests);

            // Then
            assertThat(body).hasSize(bytes);
            assertThat(schema.validate(read(body).json())).isEmpty();
            assertThat(reader.read(read(body)).timestamp()).isBetween(Instant.now().minus(Duration.ofSeconds(10)),
                    Instant.now());
        }
    }

    @Test
    void noIdComesTwiceAndThereAreManyKeys() {
        // Given
        EventRequests requests = new EventRequests("/hook", HEADERS, Cell.SMALL, 1);
        Set<String> ids = new HashSet<>();
        Set<String> keys = new HashSet<>();
        Set<String> types = new HashSet<>();

        // When
        for (int i = 0; i < 5000; i++) {
            RoutingEvent event = reader.read(read(nextBody(requests)));
            ids.add(event.id());
            keys.add(event.orderingKey());
            types.add(event.eventType());
        }

        // Then
        assertThat(ids).hasSize(5000);
        assertThat(keys).hasSize(500);
        assertThat(types).hasSize(3);
    }

    @Test
    void anEventCannotBeSmallerThanItsMembers() {
        // When, Then
        assertThatThrownBy(() -> new EventRequests("/hook", HEADERS, 100, 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("bytes at least");
    }
}

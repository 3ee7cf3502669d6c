package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.UnvalidatedEvent;
import org.routingbridge.store.SteadyClock;
import org.routingbridge.store.Store;

/** Rejected events are kept up to 100 MB (contract, section 8), the newest of them. */
class RejectedEventsBoundTest {

    private static final long MOST_BYTES = 100_000_000;
    private static final int EVENT_BYTES = 300_000;
    private static final int EVENTS = 340;

    @TempDir
    private Path data;

    private static UnvalidatedEvent event(String id) throws IOException {
        String text = new JsonMapper().writeValueAsString(JsonNodeFactory.instance.objectNode().put("id", id)
                .put("note", "x".repeat(EVENT_BYTES)));
        return new UnvalidatedEvent(text.getBytes(StandardCharsets.UTF_8), text, new JsonMapper().readTree(text),
                Instant.now(), null);
    }

    @Test
    void theOldestAreLeftOutBeyondAHundredMegabytes() throws Exception {
        // Given
        try (Store store = new Store(data, new SteadyClock()); CamelContext context = new DefaultCamelContext()) {
            store.start();
            RejectedEvents rejected = new RejectedEvents(store);
            List<String> ids = Stream.generate(() -> UUID.randomUUID().toString()).limit(EVENTS).toList();

            // When
            for (String id : ids) {
                Exchange exchange = new DefaultExchange(context);
                exchange.getMessage().setBody(event(id));
                exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new Refused(Refusal.ENTRY_TOO_LARGE, "too large"));
                CompletableFuture<Boolean> kept = new CompletableFuture<>();
                rejected.process(exchange, kept::complete);
                kept.get(10, TimeUnit.SECONDS);
            }
            rejected.endThreads();

            // Then
            long bytes = store.read(session -> session.number("select sum(length(event_text)) from rejected"));
            assertThat(bytes).isBetween(MOST_BYTES - 3 * EVENT_BYTES, MOST_BYTES);
            List<String> kept = store.read(session -> session.list(row -> row.getString(1),
                    "select event_id from rejected order by seq"));
            assertThat(kept).isEqualTo(ids.subList(EVENTS - kept.size(), EVENTS));
        }
    }
}

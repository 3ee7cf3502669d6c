package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.routingbridge.event.UnvalidatedEvent;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.SettingsForTests;
import org.routingbridge.webhook.Refusal;
import org.routingbridge.webhook.Refused;

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
                Instant.now());
    }

    private long bytesOnDisk() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("rejected"))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    @Test
    void theOldestAreLeftOutBeyondAHundredMegabytes() throws IOException {
        // Given
        DataDirectory directory = DataDirectory.claim(SettingsForTests.with("bridge.data.dir", data.toString()));
        RejectedEvents rejected = new RejectedEvents(directory);
        List<String> ids = Stream.generate(() -> UUID.randomUUID().toString()).limit(EVENTS).toList();

        // When
        for (String id : ids) {
            rejected.keep(event(id), new Refused(Refusal.ENTRY_TOO_LARGE, "too large"));
        }

        // Then
        int kept = rejected.list("1000", "0").size();
        assertThat(bytesOnDisk()).isBetween(MOST_BYTES - 2 * EVENT_BYTES, MOST_BYTES);
        assertThat(rejected.list("1", "0")).extracting(ListedEvent::eventId).containsExactly(ids.get(EVENTS - 1));
        assertThat(rejected.list("1", Integer.toString(kept - 1))).extracting(ListedEvent::eventId)
                .containsExactly(ids.get(EVENTS - kept));
        // and so it is after a restart
        assertThat(new RejectedEvents(directory).list("1000", "0")).hasSize(kept);
    }
}

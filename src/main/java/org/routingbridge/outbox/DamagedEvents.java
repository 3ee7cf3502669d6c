package org.routingbridge.outbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

import org.apache.camel.Body;
import org.apache.camel.ExchangeException;
import org.apache.camel.Header;
import org.routingbridge.idempotency.SeenEvents;
import org.routingbridge.settings.DataDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what was found damaged in the outbox, each in a file of its own, for a person to look at. */
public final class DamagedEvents {

    private static final Logger LOG = LoggerFactory.getLogger(DamagedEvents.class);

    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
            .withZone(ZoneOffset.UTC);

    private final Path directory;
    private final SeenEvents seenEvents;

    public DamagedEvents(DataDirectory dataDirectory, SeenEvents seenEvents) {
        this.seenEvents = seenEvents;
        directory = dataDirectory.path().resolve("damaged");
    }

    /**
     * One event's text, as far as it is there. The event is not seen any more, so that it can be sent again.
     *
     * @throws IOException where it cannot be written, which leaves the event where it is
     */
    public void setAside(@Body byte[] body, @Header(StoredEvents.EVENT_ID) String eventId,
                         @ExchangeException Exception reason) throws IOException {
        Files.createDirectories(directory);
        Path file = Files.createTempFile(directory, "event-", ".json");
        Files.write(file, body == null ? new byte[0] : body);
        LOG.error("An event in the outbox is damaged and was set aside; look at it and send it by hand if it can be"
                + " mended eventId={} file={} reason={}", eventId, file, reason.getMessage());
        if (eventId != null) {
            seenEvents.forget(eventId);
        }
    }

    /** Names what the broker should hold and does not, and keeps its files as they were before it opened them. */
    void missing(List<String> ids, OutboxFilesCopy filesBefore) throws IOException {
        String name = NAME.format(Instant.now());
        Path list = directory.resolve("missing-" + name + ".txt");
        Path files = directory.resolve("outbox-" + name);
        Files.createDirectories(directory);
        Files.write(list, ids);
        boolean filesKept = filesBefore.exists();
        filesBefore.keepAs(files);
        LOG.error("The outbox is damaged: {} of what it held cannot be found in it, the first of them {}; their ids"
                + " stand in list={} and the outbox's files as they were in files={}; find them in the audit log, ask"
                + " their sender for them, or restore the outbox from a backup", ids.size(), ids.get(0), list,
                filesKept ? files : "(there were none)");
    }
}

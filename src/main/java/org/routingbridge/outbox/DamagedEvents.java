package org.routingbridge.outbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.apache.camel.Body;
import org.apache.camel.ExchangeException;
import org.routingbridge.settings.DataDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what was found damaged in the outbox, each in a file of its own, for a person to look at. */
public final class DamagedEvents {

    private static final Logger LOG = LoggerFactory.getLogger(DamagedEvents.class);

    private final Path directory;

    public DamagedEvents(DataDirectory dataDirectory) {
        directory = dataDirectory.path().resolve("damaged");
    }

    /**
     * @throws IOException where it cannot be written, which leaves the event where it is
     */
    public void setAside(@Body byte[] body, @ExchangeException Exception reason) throws IOException {
        Files.createDirectories(directory);
        Path file = Files.createTempFile(directory, "event-", ".json");
        Files.write(file, body == null ? new byte[0] : body);
        LOG.error("An event in the outbox is damaged and was set aside; look at it and send it by hand if it can be mended"
                + " file={} reason={}", file, reason.getMessage());
    }
}

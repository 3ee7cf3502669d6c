package org.routingbridge.datalake;

import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

import org.apache.camel.ExchangeException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.settings.Settings;

/** Makes the data lake's notifications, and knows which of its answers are final (contract, section 5). */
public final class DataLakeNotifications {

    private static final String SOURCE = "eventbridge-bridge";
    private static final DateTimeFormatter MILLIS = new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private final String authorization;

    public DataLakeNotifications(Settings settings) {
        authorization = settings.dataLakeAuthorization();
    }

    public DataLakeNotification of(PublishAttempt success) {
        return new DataLakeNotification(SOURCE, success.event().eventType(), success.event().id(),
                MILLIS.format(success.endedAt()), success.result().latency().toMillis(),
                success.event().routingContext());
    }

    /** Value of the {@code Authorization} header, or null where there is none to send. */
    public String authorization() {
        return authorization;
    }

    /** Whether trying again is of no use: any status but a 5xx, 408 and 429. */
    public boolean isRefused(@ExchangeException HttpOperationFailedException failure) {
        int status = failure.getStatusCode();
        return status < 500 && status != 408 && status != 429;
    }
}

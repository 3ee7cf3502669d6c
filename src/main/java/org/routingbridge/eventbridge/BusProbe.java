package org.routingbridge.eventbridge;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

import org.routingbridge.settings.Settings;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.useragent.BusinessMetricFeatureId;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.DescribeEventBusResponse;
import software.amazon.awssdk.services.eventbridge.model.ResourceNotFoundException;

/**
 * One look at AWS, for a person: with which credentials, whether the bus is there, and what AWS's clock says. Nothing
 * is published.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html">
 *      DescribeEventBus</a>
 */
public final class BusProbe {

    private static final int SHOWN_OF_KEY = 4;

    /** What the answer means. */
    public enum Verdict {
        /** The bus is there, and the credentials are good. */
        THERE,
        /** There is no such bus in this account and region. */
        MISSING,
        /** The credentials or their permissions are wrong, or another than EventBridge answered. */
        MISCONFIGURED,
        /** EventBridge could not be reached, or did not answer as it does. */
        AWAY
    }

    /**
     * Where the credentials come from.
     *
     * @param source  the kind of provider that had them; null where none had
     * @param keyEnd  the access key's last characters, as AWS's console shows them
     * @param failure why there are none, else null
     */
    public record Identity(String source, String keyEnd, String failure) {
    }

    /**
     * What EventBridge answered.
     *
     * @param reason     in the words of AWS or the SDK; null where the bus is there
     * @param clockAhead how far this machine's clock is ahead of AWS's, below zero where it is behind; null where AWS
     *                   did not tell. Good to a second
     */
    public record Answer(Verdict verdict, String reason, Duration clockAhead) {
    }

    private BusProbe() {
    }

    /** Asks the AWS SDK's default chain for credentials, as the bridge does. */
    public static Identity identity() {
        try (DefaultCredentialsProvider chain = DefaultCredentialsProvider.builder().build()) {
            AwsCredentials credentials = chain.resolveCredentials();
            String key = credentials.accessKeyId();
            return new Identity(credentials.providerName().map(BusProbe::words).orElse("unknown"),
                    key.substring(Math.max(0, key.length() - SHOWN_OF_KEY)), null);
        } catch (RuntimeException e) {
            return new Identity(null, null, RequestFailure.of(e).error());
        }
    }

    /** The SDK names its providers by the codes that it sends to AWS. */
    private static String words(String codes) {
        return Arrays.stream(codes.split(",")).map(code -> Arrays.stream(BusinessMetricFeatureId.values())
                .filter(feature -> feature.value().equals(code))
                .map(feature -> feature.name().replace("CREDENTIALS_", "").replace('_', ' ').toLowerCase(Locale.ROOT))
                .findFirst().orElse(code)).collect(Collectors.joining(", "));
    }

    /** Asks whether the bus is there. */
    public static Answer ask(Settings settings) {
        Instant before = Instant.now();
        try (EventBridgeClient client = EventBridgeClients.create(settings)) {
            before = Instant.now();
            DescribeEventBusResponse found = client.describeEventBus(request -> request.name(settings.eventBus()));
            Duration ahead = clockAhead(found.sdkHttpResponse(), before);
            return found.name() == null ? new Answer(Verdict.AWAY, "The answer names no bus", ahead)
                    : new Answer(Verdict.THERE, null, ahead);
        } catch (ResourceNotFoundException e) {
            return new Answer(Verdict.MISSING, RequestFailure.of(e).error(), clockAhead(e, before));
        } catch (RuntimeException e) {
            RequestFailure failure = RequestFailure.of(e);
            boolean isWrong = failure.kind() == PutResult.Kind.MISCONFIGURED
                    || failure.kind() == PutResult.Kind.REFUSED;
            return new Answer(isWrong ? Verdict.MISCONFIGURED : Verdict.AWAY, failure.error(),
                    e instanceof AwsServiceException answered ? clockAhead(answered, before) : null);
        }
    }

    private static Duration clockAhead(AwsServiceException answered, Instant before) {
        return answered.awsErrorDetails() == null ? null
                : clockAhead(answered.awsErrorDetails().sdkHttpResponse(), before);
    }

    private static Duration clockAhead(SdkHttpResponse response, Instant before) {
        return response == null ? null : response.firstMatchingHeader("Date")
                .flatMap(date -> clockAhead(date, before, Instant.now())).orElse(null);
    }

    /**
     * How far this clock is ahead of the one that wrote the header between these two moments.
     *
     * @param date of RFC 9110, section 5.6.7, which leaves out what is less than a second
     */
    static Optional<Duration> clockAhead(String date, Instant before, Instant after) {
        try {
            Instant earliest = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            Instant latest = earliest.plusSeconds(1);
            if (after.isBefore(earliest)) {
                return Optional.of(Duration.between(earliest, after));
            }
            return Optional.of(before.isAfter(latest) ? Duration.between(latest, before) : Duration.ZERO);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}

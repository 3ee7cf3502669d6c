package org.routingbridge.event;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.ethlo.time.ITU;

/**
 * Writes times, and reads the timestamps of events: date-times of RFC 3339, section 5.6, with lower-case letters, leap
 * seconds and unknown offsets ({@code -00:00}), and nothing around them.
 */
public final class Timestamps {

    private static final Pattern DATE_TIME = Pattern.compile("(\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:)(\\d\\d)"
            + "((?:\\.\\d+)?)([Zz]|[+-]\\d\\d:\\d\\d)");
    /** The point and three digits. */
    private static final int MOST_FRACTION = 4;
    private static final LocalTime BEFORE_LEAP_SECOND = LocalTime.of(23, 59, 59);

    private static volatile Second lastFormatted = Second.of(0);

    private Timestamps() {
    }

    /**
     * To the millisecond; a leap second is the start of the next second (contract, section 4). Empty where it is no
     * date-time.
     */
    public static Optional<Instant> parse(String text) {
        Matcher matcher = DATE_TIME.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        boolean leapSecond = text.startsWith("60", matcher.start(2));
        try {
            Instant instant = ITU.parseDateTime(parseable(text, matcher, leapSecond)).toInstant()
                    .truncatedTo(ChronoUnit.MILLIS);
            if (!leapSecond) {
                return Optional.of(instant);
            }
            // a leap second is the last one of a day in UTC, wherever the sender's clock stands
            return instant.atOffset(ZoneOffset.UTC).toLocalTime().equals(BEFORE_LEAP_SECOND)
                    ? Optional.of(instant.plusSeconds(1)) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /**
     * Nearly always as it came. RFC 3339 sets no limit to the digits; those behind the millisecond are of no use here.
     */
    private static String parseable(String text, Matcher matcher, boolean leapSecond) {
        boolean isLong = matcher.end(3) - matcher.start(3) > MOST_FRACTION;
        boolean isOffsetUnknown = text.startsWith("-00:00", matcher.start(4));
        if (!leapSecond && !isLong && !isOffsetUnknown) {
            return text;
        }
        String second = leapSecond ? "59" : text.substring(matcher.start(2),
                isLong ? matcher.start(3) + MOST_FRACTION : matcher.end(3));
        return matcher.group(1) + second + (isOffsetUnknown ? "Z" : matcher.group(4));
    }

    /** RFC 3339 in UTC with three digits of a second, so that its length is always the same. */
    public static String format(Instant instant) {
        Second second = lastFormatted;
        if (second.epochSecond() != instant.getEpochSecond()) {
            second = Second.of(instant.getEpochSecond());
            lastFormatted = second;
        }
        int millis = instant.getNano() / 1_000_000;
        return second.text() + (char) ('0' + millis / 100) + (char) ('0' + millis / 10 % 10)
                + (char) ('0' + millis % 10) + 'Z';
    }

    /** What the times of one second have in common; nearly all that are written are of the present one. */
    private record Second(long epochSecond, String text) {

        private static final DateTimeFormatter SECONDS =
                new DateTimeFormatterBuilder().appendInstant(0).toFormatter(Locale.ROOT);

        static Second of(long epochSecond) {
            String text = SECONDS.format(Instant.ofEpochSecond(epochSecond));
            return new Second(epochSecond, text.substring(0, text.length() - 1) + '.');
        }
    }
}

package org.routingbridge.eventbridge;

/**
 * How many bytes EventBridge counts for an entry: 14 for {@code Time}, and the UTF-8 bytes of {@code Source},
 * {@code DetailType}, {@code Detail} and {@code Resources}.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html">Amazon EventBridge: sending
 *      events with PutEvents, "Calculating PutEvents event entry size"</a>
 */
public final class EntrySize {

    private static final int TIME = 14;

    private EntrySize() {
    }

    /** Bytes of an entry that has a {@code Time} and no {@code Resources}. */
    public static int of(String source, String detailType, int detailBytes) {
        return TIME + utf8Length(source) + utf8Length(detailType) + detailBytes;
    }

    /** Bytes of a text in UTF-8, without encoding it. A lone surrogate counts as the replacement it would become, one byte. */
    public static int utf8Length(CharSequence text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (Character.isHighSurrogate(c) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                bytes++;
            }
        }
        return bytes;
    }
}

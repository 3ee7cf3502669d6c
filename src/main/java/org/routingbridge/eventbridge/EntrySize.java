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

    /**
     * Bytes of a text in UTF-8, without encoding it. A lone surrogate counts as the replacement it would become, one
     * byte.
     */
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

    /**
     * Bytes of a part of a text as it stands inside a JSON string: quotes, backslashes and control characters are
     * escaped (RFC 8259, section 7), all else is UTF-8.
     */
    static int jsonLength(CharSequence text, int start, int end) {
        int bytes = 0;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t' || c == '\b' || c == '\f') {
                bytes += 2;
            } else if (c < 0x20) {
                bytes += 6;
            } else {
                bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate(c) ? 2 : 3;
            }
        }
        return bytes;
    }
}

package org.routingbridge.history;

import java.nio.charset.StandardCharsets;

/**
 * A text that is kept for a while in a place that is used again, mostly the 36 characters of an id. It copies those
 * instead of holding on to the string, which the collector then has no work with.
 */
final class ShortText {

    private static final int MOST = 40;
    private static final int LATIN_1 = 0xFF;

    private final byte[] characters = new byte[MOST];
    private int length;
    /** The text itself where it is long, or of other characters; null where there is none. */
    private String other;
    private boolean isCopied;

    /** @param text null for none */
    void set(String text) {
        isCopied = text != null && copied(text);
        other = isCopied ? null : text;
    }

    private boolean copied(String text) {
        length = text.length();
        if (length > MOST) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char character = text.charAt(i);
            if (character > LATIN_1) {
                return false;
            }
            characters[i] = (byte) character;
        }
        return true;
    }

    boolean isNone() {
        return !isCopied && other == null;
    }

    boolean is(String text) {
        return isCopied ? text.length() == length && startsWith(text) : text.equals(other);
    }

    boolean startsWith(String beginning) {
        if (!isCopied) {
            return other != null && other.startsWith(beginning);
        }
        if (beginning.length() > length) {
            return false;
        }
        for (int i = 0; i < beginning.length(); i++) {
            if (beginning.charAt(i) != (characters[i] & LATIN_1)) {
                return false;
            }
        }
        return true;
    }

    /** Null where there is none. */
    String get() {
        return isCopied ? new String(characters, 0, length, StandardCharsets.ISO_8859_1) : other;
    }
}

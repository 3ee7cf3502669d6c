package org.routingbridge.store;

/** Texts that others had a say in, as every database keeps them: PostgreSQL takes no NUL, nor half a character. */
public final class StoredText {

    private static final char REPLACEMENT = '\uFFFD';

    private StoredText() {
    }

    /** The text with a replacement character for each that cannot be kept. */
    public static String of(String text) {
        int unfit = 0;
        while (unfit < text.length() && isFit(text, unfit)) {
            unfit++;
        }
        if (unfit == text.length()) {
            return text;
        }
        StringBuilder fit = new StringBuilder(text);
        for (int i = unfit; i < text.length(); i++) {
            if (!isFit(text, i)) {
                fit.setCharAt(i, REPLACEMENT);
            }
        }
        return fit.toString();
    }

    private static boolean isFit(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) ? at > 0 && Character.isHighSurrogate(text.charAt(at - 1)) : c != 0;
    }
}

package org.routingbridge.cli;

import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * Text of somebody else's as it may stand on a terminal: what would move the cursor, break the line, turn the direction
 * of writing or not be seen is written as JSON writes it, <code>&#92;u001b</code>.
 */
final class TerminalText {

    private static final int LONGEST = 1000;

    private TerminalText() {
    }

    /** On one line, and no longer than a person reads. */
    static String line(String text) {
        return line(text, LONGEST);
    }

    /** On one line, of so many characters at most, before they are escaped. */
    static String line(String text, int longest) {
        String shown = text;
        if (text.length() > longest) {
            shown = text.substring(0, Character.isHighSurrogate(text.charAt(longest - 4)) ? longest - 4 : longest - 3)
                    + "...";
        }
        return escaped(shown, TerminalText::isUnfit);
    }

    /** JSON that means the same, in ASCII: it may be read by another program in whatever charset. */
    static String json(String json) {
        return escaped(json, c -> c > '~' || c < ' ' && c != '\n' && c != '\r' && c != '\t');
    }

    private static String escaped(String text, IntPredicate unfit) {
        if (text.codePoints().noneMatch(unfit)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(codePoint -> {
            if (unfit.test(codePoint)) {
                for (char unit : Character.toChars(codePoint)) {
                    escaped.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                }
            } else {
                escaped.appendCodePoint(codePoint);
            }
        });
        return escaped.toString();
    }

    private static boolean isUnfit(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            case Character.SPACE_SEPARATOR -> codePoint != ' ';
            default -> false;
        };
    }
}

package org.routingbridge.benchmark;

import java.util.Arrays;

/**
 * Counts a PutEvents request without parsing it as JSON.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html">PutEvents</a>
 */
final class PutEventsBody {

    /** Stands unescaped nowhere but before an entry's value, since any other quote in the body has a backslash. */
    private static final byte[] DETAIL = Ascii.bytes("\"Detail\":");
    private static final int[] SKIPS = skips(DETAIL);
    private static final int TIME = 14;

    private PutEventsBody() {
    }

    private static int[] skips(byte[] needle) {
        int[] skips = new int[256];
        Arrays.fill(skips, needle.length);
        for (int i = 0; i < needle.length - 1; i++) {
            skips[needle[i] & 0xFF] = needle.length - 1 - i;
        }
        return skips;
    }

    /** How many entries there are; the bytes in between are mostly skipped (Horspool's search). */
    static int entries(byte[] bytes, int from, int to) {
        int entries = 0;
        int last = from + DETAIL.length - 1;
        while (last < to) {
            if (bytes[last] == ':' && Ascii.startsWith(bytes, last - DETAIL.length + 1, to, DETAIL)) {
                entries++;
            }
            last += SKIPS[bytes[last] & 0xFF];
        }
        return entries;
    }

    /** The entries' size by AWS's count: 14 bytes of Time, and Source, DetailType and Detail in UTF-8. */
    static long size(byte[] bytes, int from, int to) {
        long size = 0;
        boolean counted = false;
        int at = from;
        while (at < to) {
            if (bytes[at] != '"') {
                at++;
                continue;
            }
            int start = ++at;
            int length = 0;
            while (at < to && bytes[at] != '"') {
                if (bytes[at] == '\\') {
                    boolean byNumber = bytes[at + 1] == 'u';
                    length += byNumber ? utf8Length(Integer.parseInt(Ascii.text(bytes, at + 2, at + 6), 16)) : 1;
                    at += byNumber ? 6 : 2;
                } else {
                    length++;
                    at++;
                }
            }
            int end = at++;
            if (at < to && bytes[at] == ':') {
                String name = Ascii.text(bytes, start, end);
                counted = name.equals("Source") || name.equals("DetailType") || name.equals("Detail");
                size += name.equals("Detail") ? TIME : 0;
            } else if (counted) {
                size += length;
                counted = false;
            }
        }
        return size;
    }

    /** Half of a surrogate pair's four bytes for each of its halves. */
    private static int utf8Length(int character) {
        return character < 0x80 ? 1 : character < 0x800 || Character.isSurrogate((char) character) ? 2 : 3;
    }
}

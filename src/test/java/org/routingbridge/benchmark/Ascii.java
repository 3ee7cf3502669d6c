package org.routingbridge.benchmark;

import java.nio.charset.StandardCharsets;

/** Looks for what matters in HTTP messages, in the bytes as they came. */
final class Ascii {

    private Ascii() {
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Where the needle begins, or -1. */
    static int indexOf(byte[] bytes, int from, int to, byte[] needle) {
        for (int at = from; at <= to - needle.length; at++) {
            if (bytes[at] == needle[0] && startsWith(bytes, at, to, needle)) {
                return at;
            }
        }
        return -1;
    }

    static boolean startsWith(byte[] bytes, int at, int to, byte[] start) {
        if (to - at < start.length) {
            return false;
        }
        for (int i = 0; i < start.length; i++) {
            if (bytes[at + i] != start[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether a header line has this name, which is given in lower case with its colon. */
    static boolean isHeader(byte[] bytes, int at, int to, byte[] name) {
        if (to - at < name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            byte b = bytes[at + i];
            if ((b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b) != name[i]) {
                return false;
            }
        }
        return true;
    }

    /** The decimal number that stands here, behind any blanks. */
    static int number(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] == ' ') {
            at++;
        }
        int number = 0;
        for (; at < to && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
            number = number * 10 + bytes[at] - '0';
        }
        return number;
    }
}

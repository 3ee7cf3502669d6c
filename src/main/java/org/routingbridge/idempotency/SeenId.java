package org.routingbridge.idempotency;

/**
 * An id as it is remembered: a UUID in less than half the memory that its text would take, since there may be a
 * million of them.
 * Ids are compared as received, so that the letters' case is kept too.
 *
 * @param high      the first 16 hex digits
 * @param low       the last 16
 * @param upperCase a bit for each digit that is a capital letter
 */
record SeenId(long high, long low, int upperCase) {

    private static final int LENGTH = 36;

    /** The text itself where it has not the form of a UUID. */
    static Object of(String id) {
        if (id.length() != LENGTH) {
            return id;
        }
        long high = 0;
        long low = 0;
        int upperCase = 0;
        for (int i = 0; i < LENGTH; i++) {
            char c = id.charAt(i);
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                if (c != '-') {
                    return id;
                }
                continue;
            }
            boolean capital = c >= 'A' && c <= 'F';
            if (!capital && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
                return id;
            }
            upperCase = upperCase << 1 | (capital ? 1 : 0);
            int digit = Character.digit(c, 16);
            if (i < 18) {
                high = high << 4 | digit;
            } else {
                low = low << 4 | digit;
            }
        }
        return new SeenId(high, low, upperCase);
    }
}

package org.routingbridge.store;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Event ids in 16 bytes, as memory and tables have them. */
public final class EventKey {

    private static final String DASHES = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    private EventKey() {
    }

    /** The id itself; of what is no UUID in lower case, as most are, a digest. Ids are compared as received. */
    public static UUID of(String id) {
        return isLowerCase(id) ? UUID.fromString(id) : UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether an id is 8-4-4-4-12 hex digits and none of them a capital. */
    private static boolean isLowerCase(String id) {
        if (id.length() != DASHES.length()) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean fits = DASHES.charAt(i) == '-' ? c == '-' : c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
            if (!fits) {
                return false;
            }
        }
        return true;
    }
}

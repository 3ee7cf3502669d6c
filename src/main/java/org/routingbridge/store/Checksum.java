package org.routingbridge.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Over all that a row holds, so that what the disk has changed of it is told from what was written. */
final class Checksum {

    /** Of a row that is known to be damaged: no checksum is negative. */
    static final long KNOWN_DAMAGED = -1;

    private Checksum() {
    }

    /** @param values texts, bytes and whole numbers in the row's order */
    static long of(Object... values) {
        CRC32C checksum = new CRC32C();
        for (Object value : values) {
            if (value instanceof Number number) {
                checksum.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number.longValue()));
            } else if (value != null) {
                byte[] bytes = value instanceof byte[] some ? some
                        : value.toString().getBytes(StandardCharsets.UTF_8);
                checksum.update(bytes);
                // where one ends and the next begins
                checksum.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
            }
        }
        return checksum.getValue();
    }
}

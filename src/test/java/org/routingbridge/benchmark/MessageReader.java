package org.routingbridge.benchmark;

import java.util.Arrays;

import io.netty.buffer.ByteBuf;

/**
 * Collects one HTTP/1.1 message after the other from a connection that is kept alive. It looks at no more than it has
 * to, since it runs on the cores of the server that is measured: peers are trusted to be well-behaved and not to
 * pipeline.
 */
final class MessageReader {

    private static final byte[] HEAD_END = Ascii.bytes("\r\n\r\n");
    private static final byte[] LAST_CHUNK = Ascii.bytes("0\r\n\r\n");
    private static final byte[] CONTENT_LENGTH = Ascii.bytes("content-length:");
    private static final byte[] TRANSFER_ENCODING = Ascii.bytes("transfer-encoding:");
    private static final byte[] EXPECT = Ascii.bytes("expect:");
    private static final byte[] TARGET = Ascii.bytes("x-amz-target:");
    private static final int FIRST_SIZE = 4096;

    private byte[] bytes = new byte[FIRST_SIZE];
    private int length;
    private int bodyStart;
    private int bodyLength;
    private boolean chunked;
    private boolean expectsContinue;
    private int targetStart;
    private int targetEnd;

    /** Takes what came; true once the message is whole, until {@link #clear()}. */
    boolean read(ByteBuf in) {
        int more = in.readableBytes();
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
        in.readBytes(bytes, length, more);
        length += more;
        if (bodyStart == 0) {
            int end = Ascii.indexOf(bytes, 0, length, HEAD_END);
            if (end < 0) {
                return false;
            }
            readHead(end);
        }
        return chunked
                ? length - bodyStart >= LAST_CHUNK.length
                        && Ascii.startsWith(bytes, length - LAST_CHUNK.length, length, LAST_CHUNK)
                : length >= bodyStart + bodyLength;
    }

    private void readHead(int end) {
        bodyStart = end + HEAD_END.length;
        int line = 0;
        while (line < end) {
            int lineEnd = line;
            while (bytes[lineEnd] != '\r') {
                lineEnd++;
            }
            switch (bytes[line] | 0x20) {
                case 'c' -> {
                    if (Ascii.isHeader(bytes, line, lineEnd, CONTENT_LENGTH)) {
                        bodyLength = Ascii.number(bytes, line + CONTENT_LENGTH.length, lineEnd);
                    }
                }
                case 't' -> chunked |= Ascii.isHeader(bytes, line, lineEnd, TRANSFER_ENCODING);
                case 'e' -> expectsContinue |= Ascii.isHeader(bytes, line, lineEnd, EXPECT);
                case 'x' -> {
                    if (Ascii.isHeader(bytes, line, lineEnd, TARGET)) {
                        targetStart = line + TARGET.length;
                        targetEnd = lineEnd;
                    }
                }
                default -> { }
            }
            line = lineEnd + 2;
        }
    }

    void clear() {
        length = 0;
        bodyStart = 0;
        bodyLength = 0;
        chunked = false;
        expectsContinue = false;
        targetStart = 0;
        targetEnd = 0;
    }

    /** Whether its sender waits for {@code 100 Continue}; true once a message. */
    boolean takeExpectsContinue() {
        boolean expects = expectsContinue;
        expectsContinue = false;
        return expects;
    }

    byte[] bytes() {
        return bytes;
    }

    int bodyStart() {
        return bodyStart;
    }

    int end() {
        return length;
    }

    /** A reply's status. */
    int status() {
        return Ascii.number(bytes, "HTTP/1.1".length(), bodyStart);
    }

    /** Whether a request's first line begins so. */
    boolean begins(byte[] firstLine) {
        return Ascii.startsWith(bytes, 0, length, firstLine);
    }

    /** Whether a request names an operation of AWS, and it ends so. */
    boolean isOperation(byte[] name) {
        return targetEnd - targetStart >= name.length
                && Ascii.startsWith(bytes, targetEnd - name.length, targetEnd, name);
    }
}

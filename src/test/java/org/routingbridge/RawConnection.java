package org.routingbridge;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.routingbridge.BridgeUnderTest.Reply;

/**
 * A connection to the webhook on which a test says what no HTTP client would: a wrong {@code Content-Length}, chunks
 * that never end, half a request.
 */
public final class RawConnection implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 15_000;

    private final Socket socket;

    RawConnection(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The head of a POST to the webhook with the right secret and {@code application/json}, and these lines more. */
    public RawConnection post(String... headerLines) {
        StringBuilder head = new StringBuilder("POST " + BridgeUnderTest.PATH + " HTTP/1.1\r\nHost: bridge\r\n"
                + "X-Webhook-Secret: " + BridgeUnderTest.SECRET + "\r\n");
        for (String line : headerLines) {
            head.append(line).append("\r\n");
        }
        return write(head.append("\r\n").toString());
    }

    /** One chunk of a chunked body. */
    public RawConnection chunk(String text) {
        return write(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    /** Anything; characters are bytes. */
    public RawConnection write(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes this side's half: the bridge reads the end, and can still answer. */
    public RawConnection sayNoMore() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The status line of an interim reply, which has nothing else. */
    public String readInterim() {
        try {
            String statusLine = line(socket.getInputStream());
            while (!line(socket.getInputStream()).isEmpty()) {
                // to its end
            }
            return statusLine;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next reply; one without a length is read to the end of the connection. */
    public Reply read() {
        return read(false);
    }

    /** The next reply, without a body whatever it says of one where it answers a HEAD. */
    public Reply read(boolean headAlone) {
        try {
            InputStream in = socket.getInputStream();
            String[] statusLine = line(in).split(" ", 3);
            Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                String[] pair = line.split(":", 2);
                headers.computeIfAbsent(pair[0], name -> new ArrayList<>()).add(pair[1].strip());
            }
            List<String> length = headers.get("Content-Length");
            byte[] body = headAlone ? new byte[0]
                    : length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length.get(0)));
            return Reply.of(Integer.parseInt(statusLine[1]), headers, new String(body, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the connection ended before the reply did");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

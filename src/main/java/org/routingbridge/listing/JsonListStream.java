package org.routingbridge.listing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * A list as JSON that is made while it is sent, element by element, so that only one of them is in memory. An element
 * that has gone meanwhile is left out.
 */
public final class JsonListStream extends InputStream {

    private static final ObjectWriter JSON = JsonMapper.builder().build().writer();

    private final Iterator<Long> places;
    private final Function<Long, Object> element;
    private InputStream part = text("[");
    private boolean first = true;
    private boolean over;

    private JsonListStream(List<Long> places, Function<Long, Object> element) {
        this.places = places.iterator();
        this.element = element;
    }

    /**
     * @param places  of the elements, in the list's order
     * @param element the one at a place; null where there is none any more
     */
    public static InputStream of(List<Long> places, Function<Long, Object> element) {
        return new JsonListStream(places, element);
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = part.read(bytes, offset, length);
        while (read < 0 && next()) {
            read = part.read(bytes, offset, length);
        }
        return read;
    }

    private boolean next() throws IOException {
        while (places.hasNext()) {
            Object next;
            try {
                next = element.apply(places.next());
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            if (next != null) {
                part = text((first ? "" : ",") + JSON.writeValueAsString(next));
                first = false;
                return true;
            }
        }
        if (over) {
            return false;
        }
        over = true;
        part = text("]");
        return true;
    }
}

package org.routingbridge.event;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.support.SimpleTypeConverter;

/**
 * Bytes become JSON, or are refused: RFC 8259 in UTF-8, to the letter. A byte order mark, a name twice in one object,
 * text after the value, more than 200 levels and numbers of more than 1000 characters are refused (contract, section
 * 3).
 */
public final class JsonReader implements CamelContextAware {

    private static final int LEVELS = 200;
    private static final int NUMBER_LENGTH = 1000;
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final char REPLACEMENT = '\uFFFD';

    private final ObjectReader reader = JsonMapper.builder(JsonFactory.builder()
                    // it is UTF-8 by then, and nothing else
                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(LEVELS)
                            .maxNumberLength(NUMBER_LENGTH)
                            .maxNameLength(Integer.MAX_VALUE)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build()
            .readerFor(JsonNode.class);
    private CamelContext camelContext;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    /** Teaches Camel to hand what this reader read to a component that wants a stream, such as the schema validator. */
    @Override
    public void setCamelContext(CamelContext context) {
        camelContext = context;
        context.getTypeConverterRegistry().addTypeConverter(InputStream.class, UnvalidatedEvent.class,
                new SimpleTypeConverter(false,
                        (type, exchange, event) -> new ParsedJson.Body((UnvalidatedEvent) event)));
    }

    /**
     * @throws Refused {@code malformed_json} where the body is not well-formed
     */
    public UnvalidatedEvent read(Delivery delivery) {
        byte[] body = delivery.body();
        String text = decode(body);
        try {
            JsonNode json = text.isBlank() ? null : reader.readValue(body);
            if (json == null) {
                throw malformed("The body is empty; send one JSON object");
            }
            if (text.length() > NUMBER_LENGTH && longestNumber(text) > NUMBER_LENGTH) {
                throw malformed("The body holds a number of over " + NUMBER_LENGTH + " characters");
            }
            return new UnvalidatedEvent(body, text, json, delivery.receivedAt(), delivery.trace());
        } catch (JsonProcessingException e) {
            throw malformed(describe(e));
        } catch (IOException e) {
            throw new UncheckedIOException("An array of bytes could not be read", e);
        }
    }

    private static String decode(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        // what is malformed becomes a replacement character, which may also have been sent as such
        if (text.indexOf(REPLACEMENT) >= 0 && !isUtf8(body)) {
            throw malformed("The body is not UTF-8");
        }
        if (!text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
            throw malformed("The body begins with a byte order mark; send UTF-8 without one");
        }
        return text;
    }

    private static boolean isUtf8(byte[] body) {
        try {
            StandardCharsets.UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(body));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Characters of the longest number; the parser counts digits alone. The text is well-formed. */
    private static int longestNumber(String text) {
        int longest = 0;
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E') {
                longest = Math.max(longest, ++length);
            } else {
                length = 0;
                i = c == '"' ? JsonSlices.endOfString(text, i) - 1 : i;
            }
        }
        return longest;
    }

    private static String describe(JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        return "The body is not well-formed JSON" + (at == null || at.getLineNr() < 1 ? ""
                : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")")
                + "; a name twice in one object, text after the value, over " + LEVELS + " levels and numbers over "
                + NUMBER_LENGTH + " characters are refused too";
    }

    private static Refused malformed(String message) {
        return new Refused(Refusal.MALFORMED_JSON, message);
    }
}

package org.routingbridge.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import net.jqwik.api.statistics.StatisticsReport.StatisticsReportMode;

/**
 * Whatever a body is made of, it is read or refused as malformed, and that as a second reader has it: the platform's
 * UTF-8 decoder, and Jackson's parser of characters, where the bridge has the one of bytes.
 */
class JsonReaderPropertyTest {

    private static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(200).maxNumberLength(100_000)
                    .build())
            .build();
    private static final byte[][] PIECES = List.of("", "{", "}", "[", "]", "\"", "\\", ",", ":", " ", "\n", "\t", "\0",
            "0", "1", "-", "+", ".", "e", "E5", "-0", "01", "1.", ".5", "NaN", "Infinity", "null", "tru", "//", "/**/",
            "'", "\\u", "\\u00", "\\ud800", "\\udc00", "\u00e9", "\ufeff", "\ud83d\ude00", "\ufffd", "\"a\":1,",
            "\"id\":2,", "\"\\u0069d\":3,", "{\"a\":{\"a\":[1,{\"b\":2,\"b\":3}]}},", "[".repeat(198) + "]".repeat(198),
            "[".repeat(199) + "]".repeat(199), "{\"a\":".repeat(201), "7".repeat(1000), "7".repeat(1001),
            "1." + "7".repeat(998), "1." + "7".repeat(999), "1e" + "7".repeat(999), "\"" + "7".repeat(1001) + "\"")
            .stream().map(piece -> piece.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    private static final byte[][] NO_UTF8 = {{(byte) 0xff}, {(byte) 0xc0, (byte) 0x80},
        {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
        {(byte) 0xe2, (byte) 0x82}, {(byte) 0x80}, {(byte) 0xfe, (byte) 0xff}, {0, '{'}};

    private final JsonReader reader = new JsonReader();

    /** Something put in place of something else. */
    record Change(int at, int length, byte[] with) {
    }

    @Property(tries = 4_000)
    @StatisticsReport(StatisticsReportMode.OFF)
    void aBodyIsReadOrRefusedAsAnotherReaderHasIt(@ForAll("changes") List<Change> changes) throws IOException {
        // Given
        byte[] body = EventsForTests.json(EventsForTests.ID, "2026-05-04T12:00:00Z",
                "{\"queueId\":\"q1\",\"n\":[1,-2.5e3,true,null,{\"x\":\"Zo\u00eb \\\"\ud83d\ude00\"}],\"e\":{}}")
                .getBytes(StandardCharsets.UTF_8);
        for (Change change : changes) {
            body = change(body, change);
        }

        // When
        boolean read = isRead(body);

        // Then
        assertThat(read).as(new String(body, StandardCharsets.ISO_8859_1)).isEqualTo(isWellFormed(body));
        Statistics.label("read").collect(read);
        Statistics.label("read").coverage(tries -> {
            tries.check(true).percentage(share -> share > 5);
            tries.check(false).percentage(share -> share > 5);
        });
    }

    @Property(tries = 2_000)
    void anyBytesAreReadOrRefused(@ForAll byte[] body) throws IOException {
        // When, Then
        assertThat(isRead(body)).isEqualTo(isWellFormed(body));
    }

    private boolean isRead(byte[] body) {
        try {
            UnvalidatedEvent event = reader.read(new Delivery(name -> null, body, EventsForTests.RECEIVED_AT));
            assertThat(event.text().getBytes(StandardCharsets.UTF_8)).isEqualTo(body);
            return true;
        } catch (Refused refused) {
            assertThat(refused.refusal()).isEqualTo(Refusal.MALFORMED_JSON);
            assertThat(refused.getMessage()).isNotBlank().doesNotContain("jackson", "Exception");
            return false;
        }
    }

    private static boolean isWellFormed(byte[] body) throws IOException {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            return false;
        }
        if (text.startsWith("\ufeff")) {
            return false;
        }
        try (JsonParser parser = STRICT.createParser(text)) {
            int values = 0;
            int depth = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                values += depth == 0 ? 1 : 0;
                if (token.isNumeric() && parser.getText().length() > 1000) {
                    return false;
                }
            }
            return values == 1;
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static byte[] change(byte[] body, Change change) {
        int at = Math.min(change.at(), body.length);
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.writeBytes(Arrays.copyOf(body, at));
        changed.writeBytes(change.with());
        changed.writeBytes(Arrays.copyOfRange(body, Math.min(body.length, at + change.length()), body.length));
        return changed.toByteArray();
    }

    @Provide
    Arbitrary<List<Change>> changes() {
        Arbitrary<byte[]> with = Arbitraries.frequencyOf(Tuple.of(8, Arbitraries.of(PIECES)),
                Tuple.of(1, Arbitraries.of(NO_UTF8)));
        return Combinators.combine(Arbitraries.integers().between(0, 300), Arbitraries.of(0, 0, 0, 1, 1, 2, 5), with)
                .as(Change::new).list().ofMinSize(1).ofMaxSize(3);
    }
}

package org.routingbridge.eventbridge;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * Cuts a text into slices of which each, written as a JSON string, fits the room it is given (contract, section 4,
 * {@code chunk}). It is cut between characters, never between the halves of a surrogate pair.
 */
final class OversizeChunker {

    private OversizeChunker() {
    }

    /**
     * @param room bytes for the slice's JSON string, without its quotes, by the number of chunks there will be
     * @return the slices, which in their order are the text; empty where there is no room for a character
     */
    static Optional<List<String>> cut(String text, IntUnaryOperator room) {
        // the number of chunks is written into each of them, so its length has to be known before they are cut
        for (int digits = 1; digits <= 7; digits++) {
            int most = (int) Math.pow(10, digits) - 1;
            Optional<List<String>> chunks = cut(text, room.applyAsInt(most), most);
            if (chunks.isPresent()) {
                return chunks;
            }
        }
        return Optional.empty();
    }

    private static Optional<List<String>> cut(String text, int room, int most) {
        List<String> chunks = new ArrayList<>();
        int start = 0;
        int bytes = 0;
        int at = 0;
        while (at < text.length()) {
            int characters = Character.isHighSurrogate(text.charAt(at)) && at + 1 < text.length() ? 2 : 1;
            int next = EntrySize.jsonLength(text, at, at + characters);
            if (bytes + next > room) {
                if (at == start || chunks.size() == most) {
                    return Optional.empty();
                }
                chunks.add(text.substring(start, at));
                start = at;
                bytes = 0;
                continue;
            }
            bytes += next;
            at += characters;
        }
        chunks.add(text.substring(start));
        return chunks.size() <= most ? Optional.of(chunks) : Optional.empty();
    }
}

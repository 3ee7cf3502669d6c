package org.routingbridge.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The ids' ring and table against a map that holds them in the order of coming. */
class SeenIdsTest {

    private static final long TTL = 1000;
    private static final int STEPS = 5000;

    /** Numbered in the high bits or in the low ones, some in upper case. */
    private static String id(int number) {
        String id = (number % 2 == 0 ? new UUID((long) number << 32, 0xa) : new UUID(0xa, number)).toString();
        return number % 5 == 0 ? id.toUpperCase(Locale.ROOT) : id;
    }

    /** What may be remembered, plainly. */
    private static final class Model {

        private final Map<String, Long> acceptedAt = new LinkedHashMap<>();
        private final int mostIds;

        Model(int mostIds) {
            this.mostIds = mostIds;
        }

        void put(String id, long now) {
            acceptedAt.remove(id);
            acceptedAt.values().removeIf(at -> now - at >= TTL);
            if (acceptedAt.size() == mostIds) {
                Iterator<String> oldest = acceptedAt.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
            acceptedAt.put(id, now);
        }

        boolean contains(String id, long now) {
            return acceptedAt.containsKey(id) && now - acceptedAt.get(id) < TTL;
        }
    }

    @Property(tries = 100)
    void itKnowsWhatTheModelKnows(@ForAll long seed, @ForAll @IntRange(min = 1, max = 2500) int mostIds,
                                  @ForAll @IntRange(min = 1, max = 5000) int ids) {
        Random dice = new Random(seed);
        SeenIds seen = new SeenIds(mostIds, TTL);
        Model model = new Model(mostIds);
        long now = 0;
        for (int step = 0; step < STEPS; step++) {
            String id = id(dice.nextInt(ids));
            switch (dice.nextInt(8)) {
                case 0, 1, 2, 3 -> {
                    seen.put(id, now, now);
                    model.put(id, now);
                }
                case 4 -> {
                    seen.remove(id);
                    model.acceptedAt.remove(id);
                }
                case 5 -> now += dice.nextInt(200) == 0 ? TTL / 2 : 1;
                default -> { }
            }
            String asked = id(dice.nextInt(ids));
            assertThat(seen.contains(asked, now)).isEqualTo(model.contains(asked, now));
        }
        assertThat(seen.size()).isLessThanOrEqualTo(mostIds);
    }

    @Example
    void whatWasAcceptedBeforeKeepsItsTime() {
        // Given
        SeenIds seen = new SeenIds(10, TTL);
        seen.put(id(1), 0, 0);

        // When
        seen.putIfAbsent(id(1), 500, 500);
        seen.putIfAbsent(id(2), 500, 500);

        // Then
        assertThat(seen.contains(id(1), TTL - 1)).isTrue();
        assertThat(seen.contains(id(1), TTL)).isFalse();
        assertThat(seen.contains(id(2), TTL)).isTrue();
        assertThat(seen.contains(id(2), 500 + TTL)).isFalse();
    }

    @Example
    void anotherSpellingIsAnotherId() {
        // Given
        SeenIds seen = new SeenIds(10, TTL);
        String id = "0000000a-0000-0000-0000-00000000000b";

        // When
        seen.put(id, 0, 0);

        // Then
        assertThat(seen.contains(id, 0)).isTrue();
        assertThat(seen.contains(id.toUpperCase(Locale.ROOT), 0)).isFalse();
    }

    @Example
    void aMillionAreFoundAgain() {
        // Given
        int million = 1_000_000;
        SeenIds seen = new SeenIds(million, TTL);

        // When
        for (int i = 0; i < million + 1; i++) {
            seen.put(id(i), 0, 0);
        }

        // Then
        assertThat(seen.size()).isEqualTo(million);
        assertThat(seen.contains(id(0), 0)).isFalse();
        for (int i = 1; i < million + 1; i++) {
            if (!seen.contains(id(i), 0)) {
                throw new AssertionError("forgotten: " + id(i));
            }
        }
    }
}

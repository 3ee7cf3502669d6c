package org.routingbridge.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeenIdTest {

    private static final String ID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789";

    @Test
    void theSameTextIsTheSameId() {
        // When / Then
        assertThat(SeenId.of(ID)).isInstanceOf(SeenId.class).isEqualTo(SeenId.of(new String(ID)))
                .hasSameHashCodeAs(SeenId.of(new String(ID)));
    }

    @Test
    void anyOtherTextIsAnotherId() {
        // Given
        Set<Object> ids = new HashSet<>();
        int texts = 0;

        // When
        for (int i = 0; i < ID.length(); i++) {
            for (char c : "0123456789abcdefABCDEF-".toCharArray()) {
                if (ID.charAt(i) != c) {
                    ids.add(SeenId.of(ID.substring(0, i) + c + ID.substring(i + 1)));
                    texts++;
                }
            }
        }

        // Then
        assertThat(ids).hasSize(texts).doesNotContain(SeenId.of(ID));
    }

    @Test
    void randomIdsAreAsManyAsTheirTexts() {
        // Given
        Random random = new Random(1);
        Set<Object> ids = new HashSet<>();

        // When
        for (int i = 0; i < 50_000; i++) {
            String id = new UUID(random.nextLong(), random.nextLong()).toString();
            ids.add(SeenId.of(id));
            ids.add(SeenId.of(id.toUpperCase(java.util.Locale.ROOT)));
        }

        // Then
        assertThat(ids).hasSize(100_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "0a1b2c3d-4e5f-6789-abcd-ef012345678", "0a1b2c3d_4e5f-6789-abcd-ef0123456789",
            "0a1b2c3d-4e5f-6789-abcd-ef012345678g", "0a1b2c3d-4e5f-6789-abcd-ef012345678\uff11"})
    void whatIsNoUuidIsItsText(String text) {
        // When / Then
        assertThat(SeenId.of(text)).isEqualTo(text);
    }
}

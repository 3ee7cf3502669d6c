package org.routingbridge.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.UUID;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class FormerIdsTest {

    /** Ids that agree in most bits, as those that somebody has numbered, share their places. */
    @Property(tries = 100)
    void everyIdThatWasAddedIsThereAndNoOther(
            @ForAll @Size(max = 3000) Set<@LongRange(min = 0, max = 5000) Long> numbers,
            @ForAll @LongRange(min = 0, max = 63) long shift) {
        // Given
        FormerIds ids = new FormerIds(numbers.size());

        // When
        numbers.forEach(number -> ids.add(new UUID(number << shift, number), number));

        // Then
        for (long number = 0; number <= 5000; number++) {
            assertThat(ids.acceptedAt(new UUID(number << shift, number)))
                    .isEqualTo(numbers.contains(number) ? number : FormerIds.NEVER);
        }
    }
}

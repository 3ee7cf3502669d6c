package org.routingbridge.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

/** Which ids the store need not be asked for, however many it has held. */
class StoredIdsTest {

    private final Random random = new Random(7);
    private final StoredIds ids = new StoredIds();

    private List<UUID> add(int count) {
        List<UUID> added = IntStream.range(0, count).mapToObj(i -> new UUID(random.nextLong(), random.nextLong()))
                .toList();
        added.forEach(ids::add);
        return added;
    }

    /** Of ids that were never added, as a share. */
    private double inVain() {
        return IntStream.range(0, 10_000).filter(i -> ids.mayHold(new UUID(random.nextLong(), random.nextLong())))
                .count() / 10_000.0;
    }

    @Test
    void itNeverMissesOneAndIsSeldomWrong() {
        // When
        List<UUID> added = add(100_000);

        // Then
        assertThat(added).allMatch(ids::mayHold);
        assertThat(inVain()).isLessThan(0.01);
        assertThat(ids.isWorn(0)).isFalse();
    }

    @Test
    void oneThatMillionsHavePassedIsWornAndIsAsGoodAsNewOnceItIsRenewed() {
        // Given
        add(10_000_000);
        List<UUID> held = add(1_000);
        double before = inVain();

        // When
        boolean isWorn = ids.isWorn(held.size());
        ids.renew(held::forEach);

        // Then
        assertThat(before).isGreaterThan(0.3);
        assertThat(isWorn).isTrue();
        assertThat(ids.isWorn(held.size())).isFalse();
        assertThat(held).allMatch(ids::mayHold);
        assertThat(inVain()).isLessThan(0.001);
    }

    @Test
    void aFullStoreIsNotReadAgainAndAgain() {
        // When
        add(1_200_000);

        // Then
        assertThat(ids.isWorn(1_200_000)).isFalse();
    }

    @Test
    void whatIsAddedMeanwhileIsKnownAfterwards() {
        // Given
        List<UUID> meanwhile = new ArrayList<>();

        // When
        ids.renew(visitor -> meanwhile.addAll(add(1_000)));

        // Then
        assertThat(meanwhile).allMatch(ids::mayHold);
    }
}

package org.routingbridge.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.routingbridge.event.Delivery;

class PlacesByIdTest {

    private static final int RING = 40;

    private final EventStory[] ring = new EventStory[RING];
    private final PlacesById places = new PlacesById(ring);

    private void add(String id, int place, long hash) {
        ring[place] = new EventStory();
        ring[place].begin(new Delivery(name -> null, new byte[0], Instant.EPOCH), id, new SameNames());
        places.add(hash, place);
    }

    private int find(String id) {
        return places.find(id, places.hash(id));
    }

    @Test
    void eachIdIsFoundUntilItIsRemoved() {
        // Given
        Map<String, Integer> expected = new HashMap<>();
        Random random = new Random(4711);

        // When, Then
        for (int i = 0; i < 5000; i++) {
            int place = random.nextInt(RING);
            if (expected.values().remove(place)) {
                places.remove(place);
            } else {
                String id = "id-" + i;
                add(id, place, places.hash(id));
                expected.put(id, place);
            }
            expected.forEach((id, at) -> assertThat(find(id)).as(id).isEqualTo(at));
            assertThat(find("id-" + (i + 1))).isEqualTo(PlacesById.NONE);
        }
    }

    @Test
    void idsThatMeetAreToldApart() {
        // Given: one hash for all
        for (int place = 0; place < 3; place++) {
            add("id-" + place, place, 17);
        }

        // When
        places.remove(1);

        // Then
        assertThat(places.find("id-0", 17)).isZero();
        assertThat(places.find("id-1", 17)).isEqualTo(PlacesById.NONE);
        assertThat(places.find("id-2", 17)).isEqualTo(2);

        // When
        places.remove(2);

        // Then
        assertThat(places.find("id-0", 17)).isZero();
        assertThat(places.find("id-2", 17)).isEqualTo(PlacesById.NONE);
    }

    @Test
    void idsThatMeetAsStringsDoAreSpread() {
        // When, Then
        assertThat("Aa").hasSameHashCodeAs("BB");
        assertThat(places.hash("Aa")).isNotEqualTo(places.hash("BB"));
        assertThat(places.hash("ab")).isNotEqualTo(places.hash("ba"));
        assertThat(new PlacesById(ring).hash("Aa")).isNotEqualTo(places.hash("Aa"));
    }
}

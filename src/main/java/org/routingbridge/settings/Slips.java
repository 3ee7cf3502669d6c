package org.routingbridge.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** How far one name is from another. */
public final class Slips {

    /** In a name of four letters one may be wrong, in a longer one a quarter of them. */
    private static final int LETTERS_FOR_A_SLIP = 4;

    private Slips() {
    }

    /** How many letters have to be added, left out or changed to make one name of the other (Levenshtein). */
    public static int between(String one, String other) {
        int[] distances = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            distances[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = distances[0];
            distances[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = distances[j];
                distances[j] = Math.min(changed, Math.min(distances[j], distances[j - 1]) + 1);
            }
        }
        return distances[other.length()];
    }

    /** The known name that was probably meant; none where none is near. */
    public static Optional<String> nearest(String name, Collection<String> known) {
        return known.stream().filter(each -> between(name, each) <= Math.max(1, name.length() / LETTERS_FOR_A_SLIP))
                .min(Comparator.comparingInt((String each) -> between(name, each))
                        .thenComparing(Comparator.naturalOrder()));
    }
}

package org.routingbridge.settings;

/** How far one name is from another. */
public final class Slips {

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
}

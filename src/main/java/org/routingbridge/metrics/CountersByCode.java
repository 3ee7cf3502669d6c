package org.routingbridge.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;

import io.micrometer.core.instrument.Counter;

/**
 * A counter for each code that failures begin with. Whoever answers the bridge chooses the codes, so that there are
 * {@value #MOST} of them at most; all others, and what is no code, count as {@value #OTHER}.
 */
final class CountersByCode {

    static final String OTHER = "other";
    private static final int MOST = 50;
    private static final Pattern CODE = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,63}|HTTP \\d{3}");

    private final Map<String, Counter> counters = new ConcurrentHashMap<>();
    private final Function<String, Counter> newCounter;

    /** @param known that are there from the start, at 0 */
    CountersByCode(List<String> known, Function<String, Counter> newCounter) {
        this.newCounter = newCounter;
        known.forEach(code -> counters.put(code, newCounter.apply(code)));
        counters.put(OTHER, newCounter.apply(OTHER));
    }

    /** @param failure begins with its code and a colon, or is one */
    void count(String failure) {
        String text = failure == null ? "" : failure;
        int colon = text.indexOf(':');
        String code = colon < 0 ? text : text.substring(0, colon);
        Counter counter = counters.get(code);
        (counter == null ? added(code) : counter).increment();
    }

    private synchronized Counter added(String code) {
        if (!CODE.matcher(code).matches() || counters.size() > MOST && !counters.containsKey(code)) {
            return counters.get(OTHER);
        }
        return counters.computeIfAbsent(code, newCounter);
    }
}

package org.routingbridge.eventbridge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;

import org.routingbridge.event.JsonSlices;
import org.routingbridge.event.JsonSlices.Member;
import org.routingbridge.event.RoutingEvent;

/**
 * Makes an event fit by removing the largest arrays of its {@code routingContext}, one after the other (contract,
 * section 4, {@code trim}).
 */
final class OversizeTrimmer {

    /** Arrays of this many bytes and less, as received, stay. */
    private static final int SMALL_ARRAY = 10_240;

    private record LargeArray(String pointer, Member member, int bytes) {
    }

    private OversizeTrimmer() {
    }

    /**
     * @param size  bytes of the entry that an event makes
     * @param limit of an entry, in bytes
     * @return the event without as many arrays as it takes; empty where all of them are not enough
     */
    static Optional<RoutingEvent> trim(RoutingEvent event, ToIntFunction<RoutingEvent> size, int limit) {
        JsonSlices slices = new JsonSlices(event.text());
        List<LargeArray> arrays = new ArrayList<>();
        slices.member("routingContext").ifPresent(context -> collect(event.text(), slices, context, "/routingContext",
                arrays));
        arrays.sort(Comparator.comparingInt(LargeArray::bytes).reversed());
        List<String> removed = new ArrayList<>();
        Set<Member> removedMembers = new HashSet<>();
        for (LargeArray array : arrays) {
            removed.add(array.pointer());
            removedMembers.add(array.member());
            StringBuilder left = new StringBuilder(event.text().length());
            write(event.text(), slices, slices.members(), removedMembers, left);
            String text = left.toString();
            RoutingEvent trimmed = event.trimmed(text, EntrySize.utf8Length(text), removed);
            if (size.applyAsInt(trimmed) <= limit) {
                return Optional.of(trimmed);
            }
        }
        return Optional.empty();
    }

    /** The outermost arrays below an object: an array's own are not looked at. */
    private static void collect(String text, JsonSlices slices, Member object, String pointer,
                                List<LargeArray> arrays) {
        for (Member member : slices.members(object.start())) {
            String path = pointer + "/" + member.name().replace("~", "~0").replace("/", "~1");
            if (slices.isObject(member)) {
                collect(text, slices, member, path, arrays);
            } else if (slices.isArray(member)) {
                int bytes = EntrySize.utf8Length(text.substring(member.start(), member.end()));
                if (bytes > SMALL_ARRAY) {
                    arrays.add(new LargeArray(path, member, bytes));
                }
            }
        }
    }

    private static void write(String text, JsonSlices slices, List<Member> members, Set<Member> without,
                              StringBuilder to) {
        to.append('{');
        boolean first = true;
        for (Member member : members) {
            if (without.contains(member)) {
                continue;
            }
            if (!first) {
                to.append(',');
            }
            first = false;
            to.append(text, member.nameStart(), member.nameEnd()).append(':');
            if (slices.isObject(member)) {
                write(text, slices, slices.members(member.start()), without, to);
            } else {
                slices.appendCompactly(member.start(), member.end(), to);
            }
        }
        to.append('}');
    }
}

package org.routingbridge.eventbridge;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;

import org.routingbridge.event.JsonSlices;
import org.routingbridge.event.JsonSlices.Branch;
import org.routingbridge.event.RoutingEvent;

/**
 * Makes an event fit by removing the largest arrays of its {@code routingContext}, one after the other (contract,
 * section 4, {@code trim}).
 */
final class OversizeTrimmer {

    /** Arrays of this many bytes and less, as received, stay. */
    private static final int SMALL_ARRAY = 10_240;

    private record LargeArray(Branch member, int bytes) {
    }

    private OversizeTrimmer() {
    }

    /**
     * @param size  bytes of the entry that an event makes, by its marks and its text's length alone
     * @param limit of an entry, in bytes
     * @return the event without as many arrays as it takes; empty where all of them are not enough
     */
    static Optional<RoutingEvent> trim(RoutingEvent event, ToIntFunction<RoutingEvent> size, int limit) {
        String text = event.text();
        JsonSlices slices = new JsonSlices(text);
        List<Branch> members = slices.tree();
        List<LargeArray> arrays = new ArrayList<>();
        members.stream().filter(member -> member.name().equals("routingContext") && member.children() != null)
                .forEach(context -> collect(text, slices, context, arrays));
        arrays.sort(Comparator.comparingInt(LargeArray::bytes).reversed());
        if (arrays.isEmpty()) {
            return Optional.empty();
        }
        int bytes = EntrySize.utf8Length(write(text, slices, members, Collections.emptySet()));
        List<String> removed = new ArrayList<>();
        Set<Branch> removedMembers = Collections.newSetFromMap(new IdentityHashMap<>());
        IdentityHashMap<Branch, Integer> left = new IdentityHashMap<>();
        for (LargeArray array : arrays) {
            Branch member = array.member();
            removed.add(pointer(member));
            removedMembers.add(member);
            int siblings = left.getOrDefault(member.parent(), member.parent().children().size()) - 1;
            left.put(member.parent(), siblings);
            bytes -= writtenBytes(text, slices, member) + (siblings > 0 ? 1 : 0);
            if (size.applyAsInt(event.trimmed(text, bytes, removed)) <= limit) {
                return Optional.of(event.trimmed(write(text, slices, members, removedMembers), bytes, removed));
            }
        }
        return Optional.empty();
    }

    /** The outermost arrays below an object: an array's own are not looked at. */
    private static void collect(String text, JsonSlices slices, Branch object, List<LargeArray> arrays) {
        for (Branch member : object.children()) {
            if (member.children() != null) {
                collect(text, slices, member, arrays);
            } else if (slices.isArray(member) && member.valueEnd() - member.start() > SMALL_ARRAY / 4) {
                int bytes = EntrySize.utf8Length(text.substring(member.start(), member.valueEnd()));
                if (bytes > SMALL_ARRAY) {
                    arrays.add(new LargeArray(member, bytes));
                }
            }
        }
    }

    private static String pointer(Branch member) {
        Deque<String> names = new ArrayDeque<>();
        for (Branch at = member; at != null; at = at.parent()) {
            names.addFirst(at.name().replace("~", "~0").replace("/", "~1"));
        }
        return "/" + String.join("/", names);
    }

    /** Bytes of a member as it is written, without a comma. */
    private static int writtenBytes(String text, JsonSlices slices, Branch member) {
        StringBuilder value = new StringBuilder();
        slices.appendCompactly(member.start(), member.valueEnd(), value);
        return EntrySize.utf8Length(text.substring(member.nameStart(), member.nameEnd())) + 1
                + EntrySize.utf8Length(value);
    }

    private static String write(String text, JsonSlices slices, List<Branch> members, Set<Branch> without) {
        StringBuilder to = new StringBuilder(text.length());
        write(text, slices, members, without, to);
        return to.toString();
    }

    private static void write(String text, JsonSlices slices, List<Branch> members, Set<Branch> without,
                              StringBuilder to) {
        to.append('{');
        boolean first = true;
        for (Branch member : members) {
            if (without.contains(member)) {
                continue;
            }
            if (!first) {
                to.append(',');
            }
            first = false;
            to.append(text, member.nameStart(), member.nameEnd()).append(':');
            if (member.children() != null) {
                write(text, slices, member.children(), without, to);
            } else {
                slices.appendCompactly(member.start(), member.valueEnd(), to);
            }
        }
        to.append('}');
    }
}

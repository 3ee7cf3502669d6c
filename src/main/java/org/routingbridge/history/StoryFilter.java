package org.routingbridge.history;

import java.util.function.Predicate;

import org.apache.camel.Message;
import org.routingbridge.listing.ListQuery;

/**
 * Which recent events are asked for: {@code ?id=…&type=…&queue=…&outcome=…&from=…&to=…} (contract, section 9). An id
 * may be given by its beginning.
 */
final class StoryFilter implements Predicate<EventStory> {

    private final String id;
    private final String type;
    private final String queue;
    private final String outcome;
    private final long from;
    private final long to;

    StoryFilter(Message request, ListQuery query) {
        id = parameter(request, "id");
        type = parameter(request, "type");
        queue = parameter(request, "queue");
        outcome = parameter(request, "outcome");
        from = query.selection().from();
        to = query.selection().to();
    }

    private static String parameter(Message request, String name) {
        String value = request.getHeader(name, String.class);
        return value == null || value.isEmpty() ? null : value;
    }

    @Override
    public boolean test(EventStory story) {
        return (id == null || story.id() != null && story.id().startsWith(id))
                && (type == null || type.equals(story.eventType()))
                && (queue == null || queue.equals(story.queueId()))
                && story.receivedAt() >= from && story.receivedAt() < to
                && (outcome == null || outcome.equals(story.outcome()));
    }
}

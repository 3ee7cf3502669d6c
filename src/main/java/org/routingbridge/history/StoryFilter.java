package org.routingbridge.history;

import java.util.function.Predicate;

import org.routingbridge.listing.ListQuery;
import org.routingbridge.listing.QueryParameters;

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

    StoryFilter(QueryParameters request, ListQuery query) {
        id = request.text("id");
        type = request.text("type");
        queue = request.text("queue");
        outcome = request.text("outcome");
        from = query.selection().from();
        to = query.selection().to();
    }

    @Override
    public boolean test(EventStory story) {
        return (id == null || story.hasIdThatBeginsWith(id))
                && (type == null || type.equals(story.eventType()))
                && (queue == null || queue.equals(story.queueId()))
                && story.receivedAt() >= from && story.receivedAt() < to
                && (outcome == null || outcome.equals(story.outcome()));
    }
}

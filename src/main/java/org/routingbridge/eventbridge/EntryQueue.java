package org.routingbridge.eventbridge;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * The entries that wait for a PutEvents request, and how many senders are at work on them: what one of them takes is
 * the next request, of up to ten entries and the size limit together, and none is called for what those that were
 * called before will take anyway. So requests fill by themselves, and no entry waits for others to come.
 *
 * @param <T> an entry
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html">PutEvents</a>
 */
public final class EntryQueue<T> {

    /** Entries in a PutEvents request at most, as AWS has it. */
    private static final int MAX_ENTRIES = 10;

    private final ToIntFunction<T> entryBytes;
    private final int maxRequestBytes;
    private final IntSupplier maxSenders;
    private final Deque<T> entries = new ArrayDeque<>();
    private long bytes;
    private int busySenders;
    /** Of the busy ones, those that have been called and have not come yet. */
    private int calledSenders;

    /**
     * @param entryBytes      an entry's size by AWS's count
     * @param maxRequestBytes of a request's entries together
     * @param maxSenders      senders that may be at work just now
     */
    public EntryQueue(ToIntFunction<T> entryBytes, int maxRequestBytes, IntSupplier maxSenders) {
        this.entryBytes = entryBytes;
        this.maxRequestBytes = maxRequestBytes;
        this.maxSenders = maxSenders;
    }

    /** @return whether a sender is to be called, who then says {@link #senderCame()} */
    public synchronized boolean add(Collection<T> more) {
        for (T entry : more) {
            entries.add(entry);
            bytes += entryBytes.applyAsInt(entry);
        }
        boolean call = busySenders < maxSenders.getAsInt() && isMoreThanCalledSendersTake();
        if (call) {
            busySenders++;
            calledSenders++;
        }
        return call;
    }

    private boolean isMoreThanCalledSendersTake() {
        return entries.size() > calledSenders * MAX_ENTRIES || bytes > (long) calledSenders * maxRequestBytes;
    }

    /** A sender that was called begins to work. */
    public synchronized void senderCame() {
        calledSenders--;
    }

    /**
     * The next request's entries.
     *
     * @param leaves false for an entry that nobody waits for any more, which is left out
     * @return none where the sender is to rest, which it then does
     */
    public synchronized List<T> take(Predicate<T> leaves) {
        List<T> request = new ArrayList<>(MAX_ENTRIES);
        if (busySenders <= maxSenders.getAsInt()) {
            int requestBytes = 0;
            while (request.size() < MAX_ENTRIES && !entries.isEmpty()) {
                int next = entryBytes.applyAsInt(entries.peek());
                if (!request.isEmpty() && requestBytes + next > maxRequestBytes) {
                    break;
                }
                T entry = entries.poll();
                bytes -= next;
                if (leaves.test(entry)) {
                    requestBytes += next;
                    request.add(entry);
                }
            }
        }
        if (request.isEmpty()) {
            busySenders--;
        }
        return request;
    }
}

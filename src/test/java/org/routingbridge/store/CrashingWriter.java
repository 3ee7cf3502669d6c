package org.routingbridge.store;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A process that writes to a store until it is killed, and puts down in a file of its own what it is about to do and
 * what was acknowledged: one line each, of the step, an exclamation mark where it was acknowledged, and the event's id.
 */
final class CrashingWriter {

    private static final int THREADS = 4;

    private final Store store;
    private final FileOutputStream diary;
    private final String round;

    private CrashingWriter(Path directory, FileOutputStream diary, String round) {
        store = new Store(directory, new SteadyClock());
        this.diary = diary;
        this.round = round;
    }

    /** @param args the store's directory, the diary and what makes this process's ids its own */
    public static void main(String[] args) throws IOException {
        CrashingWriter writer = new CrashingWriter(Path.of(args[0]), new FileOutputStream(args[1], true), args[2]);
        writer.store.start();
        for (int i = 0; i < THREADS; i++) {
            String thread = args[2] + "-" + i;
            new Thread(() -> writer.run(thread), thread).start();
        }
    }

    private void run(String thread) {
        Random random = new Random(thread.hashCode());
        List<StoredEvent> mine = new ArrayList<>();
        for (int i = 0; true; i++) {
            if (mine.isEmpty() || random.nextInt(5) < 3) {
                byte[] text = StoreContents.text(thread + "-" + i, random.nextInt(3000));
                long seq = store.write(Session::nextSeq).await();
                StoredEvent event = new StoredEvent(seq, thread + "-" + i, "key", text, "{}", 1, 2, 3, 0, 0, "[]", "",
                        true);
                step("insert", event, session -> {
                    OutboxTable.insert(session, event);
                    return null;
                });
                mine.add(event);
            } else {
                StoredEvent event = mine.remove(random.nextInt(mine.size()));
                if (random.nextBoolean()) {
                    step("publish", event, session -> {
                        OutboxTable.published(session, event);
                        return null;
                    });
                } else {
                    long seq = store.write(Session::nextSeq).await();
                    DeadLetter letter = new DeadLetter(seq, event.eventId(), event.eventId(), "key",
                            event.text(), "{}", 1, 2, 3, "MalformedDetail: no", 1);
                    step("bury", event, session -> {
                        DeadLetterTable.insertFromOutbox(session, event, letter);
                        return null;
                    });
                }
            }
        }
    }

    private void step(String step, StoredEvent event, Work<Object> work) {
        write(step + " " + event.eventId());
        store.write(work).await();
        write(step + "! " + event.eventId());
    }

    private synchronized void write(String line) {
        try {
            diary.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(round, e);
        }
    }
}

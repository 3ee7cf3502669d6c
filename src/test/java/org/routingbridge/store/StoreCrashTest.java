package org.routingbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.routingbridge.store.Books.Entry;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;

/**
 * Whatever instant a process is killed at: what was acknowledged is there, once; what was acknowledged as gone stays
 * gone; of the rest each is either done or not; and the books fit the rows. {@code -Dstore.crash.kills=200} kills more
 * often, {@code -Dstore.crash.seed} at other instants; the figures are in {@code target/store-crash-report.txt}. The
 * short form still kills writers in the midst of what they do, each on the store that the last one left; rarer
 * instants, such as the log's being copied into the database, are met for certain in the long form alone.
 */
class StoreCrashTest {

    private static final int KILLS = Integer.getInteger("store.crash.kills", 10);
    private static final long SEED = Long.getLong("store.crash.seed", 20261126);
    private static final Duration START = Duration.ofSeconds(60);
    private static final int MOST_STEPS_BEFORE_A_KILL = 500;

    private enum Place { NOWHERE, OUTBOX, DEAD_LETTERS }

    /** Where an event is, and where it is if what was under way at the kill was done all the same. */
    private record Known(Place acknowledged, Place underWay) {

        boolean allows(Place place) {
            return place == acknowledged || place == underWay;
        }
    }

    @TempDir
    private Path temporary;
    private final Map<String, Known> known = new HashMap<>();
    private long acknowledged;
    private long unsettled;

    private Process start(int round, Path diary) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "-Dorg.sqlite.tmpdir=" + temporary, "-cp", classPath(),
                CrashingWriter.class.getName(), temporary.resolve("store").toString(), diary.toString(), "r" + round)
                .redirectErrorStream(true).redirectOutput(temporary.resolve("output").toFile()).start();
    }

    /** No more than it needs, which starts sooner. */
    private static String classPath() {
        return Stream.of(Store.class, CrashingWriter.class, SQLiteConfig.class, LoggerFactory.class)
                .map(type -> Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()))
                        .toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Place after(String step) {
        return switch (step) {
            case "insert" -> Place.OUTBOX;
            case "publish" -> Place.NOWHERE;
            default -> Place.DEAD_LETTERS;
        };
    }

    private void learn(Path diary) throws IOException {
        String all = Files.readString(diary, StandardCharsets.US_ASCII);
        // a kill may cut a line; what it would have said is not known to anybody
        for (String line : all.substring(0, all.lastIndexOf('\n') + 1).lines().toList()) {
            String[] words = line.split(" ");
            Known before = known.getOrDefault(words[1], new Known(Place.NOWHERE, Place.NOWHERE));
            if (words[0].endsWith("!")) {
                Place place = after(words[0].substring(0, words[0].length() - 1));
                known.put(words[1], new Known(place, place));
                acknowledged++;
            } else {
                known.put(words[1], new Known(before.acknowledged(), after(words[0])));
            }
        }
    }

    private List<String> check() {
        List<String> wrong = new ArrayList<>();
        try (Store store = new Store(temporary.resolve("store"), new SteadyClock())) {
            store.start();
            Map<String, List<Place>> places = new HashMap<>();
            store.read(session -> {
                session.each(row -> places.computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                        .add(Place.OUTBOX), "select event_id from outbox not indexed");
                session.each(row -> places.computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                        .add(Place.DEAD_LETTERS), "select event_id from dead_letter not indexed");
                return null;
            });
            known.replaceAll((id, expected) -> {
                List<Place> found = places.getOrDefault(id, List.of(Place.NOWHERE));
                if (found.size() != 1 || !expected.allows(found.get(0))) {
                    wrong.add(id + " is in " + found + " instead of " + expected);
                }
                if (expected.acknowledged() != expected.underWay()) {
                    unsettled++;
                }
                return new Known(found.get(0), found.get(0));
            });
            places.keySet().stream().filter(id -> !known.containsKey(id)).forEach(id -> wrong.add(id + " is unknown"));
            Books books = store.books();
            long waiting = count(places, Place.OUTBOX);
            if (books.of(Entry.OUTBOX_ROWS) != waiting
                    || books.of(Entry.DEAD_LETTER_ROWS) != count(places, Place.DEAD_LETTERS)
                    || books.of(Entry.ENTERED) != books.of(Entry.PUBLISHED) + books.of(Entry.DEAD_LETTERED) + waiting) {
                wrong.add("the books do not fit: " + books);
            }
            if (store.damage() != null) {
                wrong.add(store.damage());
            }
            StoreContents contents = StoreContents.of(store);
            contents.damaged().keySet().forEach(place -> wrong.add(place + " is damaged"));
        }
        return wrong;
    }

    private static long count(Map<String, List<Place>> places, Place place) {
        return places.values().stream().flatMap(List::stream).filter(one -> one == place).count();
    }

    @Test
    void whatWasAcknowledgedOutlivesAKill() throws Exception {
        // Given
        Files.createDirectory(temporary.resolve("store"));
        Random random = new Random(SEED);
        List<String> wrong = new ArrayList<>();

        // When
        for (int round = 0; round < KILLS; round++) {
            Path diary = Files.createFile(temporary.resolve("diary-" + round));
            Process writer = start(round, diary);
            long bytes = 40L * random.nextInt(MOST_STEPS_BEFORE_A_KILL);
            try {
                await().atMost(START).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1))
                        .until(() -> Files.size(diary) > bytes || !writer.isAlive());
            } finally {
                assertThat(writer.isAlive()).as(() -> output()).isTrue();
                writer.destroyForcibly().waitFor();
            }
            learn(diary);
            int kill = round;
            check().forEach(one -> wrong.add("kill " + kill + ": " + one));
        }

        // Then
        Files.writeString(Path.of("target", "store-crash-report.txt"), "seed " + SEED + ", " + KILLS + " kills, "
                + acknowledged + " steps acknowledged, " + unsettled + " under way at a kill, " + known.size()
                + " events, " + wrong.size() + " wrong\n" + String.join("\n", wrong) + "\n");
        assertThat(wrong).isEmpty();
        assertThat(acknowledged).isPositive();
    }

    private String output() {
        try {
            return Files.readString(temporary.resolve("output"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }
}

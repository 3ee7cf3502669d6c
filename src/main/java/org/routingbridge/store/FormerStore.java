package org.routingbridge.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What an earlier version kept in the data directory: a broker's files, and beside them the ids of what it held. */
final class FormerStore {

    private FormerStore() {
    }

    /**
     * @throws StoreUnusable where something is still in it, which this version cannot read
     */
    static void refuse(Path directory) throws IOException {
        Path ledger = directory.resolve("outbox-ledger");
        if (!Files.isRegularFile(ledger)) {
            return;
        }
        Map<String, Integer> held = new HashMap<>();
        try (Stream<String> lines = Files.lines(ledger, StandardCharsets.ISO_8859_1)) {
            lines.filter(line -> line.startsWith("+") || line.startsWith("-"))
                    .forEach(line -> held.merge(line.substring(1), line.charAt(0) == '+' ? 1 : -1, Integer::sum));
        }
        long left = held.values().stream().filter(count -> count > 0).count();
        if (left > 0) {
            throw new StoreUnusable("bridge.data.dir: " + directory + " holds " + left + " events or notifications of"
                    + " an earlier version, which keeps them in another form; start that version until its outbox and"
                    + " its dead letters are empty, or set another directory; example: data-2");
        }
    }
}

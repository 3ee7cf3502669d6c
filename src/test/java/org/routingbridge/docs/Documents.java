package org.routingbridge.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The documents of the project, which are Markdown as GitHub reads it. */
final class Documents {

    private Documents() {
    }

    /** Every document that a person may open: those in the root, in {@code docs} and in {@code .github}. */
    static List<Path> all() {
        List<Path> found = new ArrayList<>();
        for (String directory : List.of("", "docs", ".github")) {
            try (Stream<Path> files = Files.list(Path.of(directory))) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    static List<String> lines(Path document) {
        try {
            return Files.readAllLines(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The rows of the table that begins with a header.
     *
     * @param header the beginning of the header's line
     */
    static List<Row> table(Path document, String header) {
        List<String> lines = lines(document);
        List<Row> rows = new ArrayList<>();
        int line = 0;
        while (line < lines.size() && !lines.get(line).startsWith(header)) {
            line++;
        }
        for (line += 2; line < lines.size() && lines.get(line).startsWith("|"); line++) {
            String row = lines.get(line).strip();
            rows.add(new Row(line + 1, Arrays.stream(row.substring(1, row.length() - 1).split("(?<!\\\\)\\|", -1))
                    .map(cell -> cell.strip().replace("`", "")).toList()));
        }
        return rows;
    }

    /**
     * A row of a table.
     *
     * @param line  its number in the document, from 1
     * @param cells the text of its cells, without the marks of code
     */
    record Row(int line, List<String> cells) {
    }
}

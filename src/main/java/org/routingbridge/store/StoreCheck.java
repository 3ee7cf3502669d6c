package org.routingbridge.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.routingbridge.store.Books.Entry;

/**
 * Whether a database and all rows in it are what was written. SQLite notices damage only to what it reads, and only
 * where that makes no sense any more; the rows' checksums tell of the rest.
 */
final class StoreCheck {

    /** Up to this size all of it is looked at before it is used, its indexes included. */
    static final long SMALL_BYTES = 64L * 1024 * 1024;

    private StoreCheck() {
    }

    /**
     * Looks at all of it, as it was at one moment.
     *
     * @return what is wrong, in words; null where nothing is, or where it is another version's
     * @throws SQLException where it cannot be read for another reason than damage
     */
    static String fault(Path file) throws SQLException, IOException {
        if (Files.size(file) < 512 && size(file) > Files.size(file)) {
            return "the file is cut short";
        }
        if (size(file) == 0) {
            return null;
        }
        try (Connection connection = Salvage.readOnly(file); Statement statement = connection.createStatement()) {
            statement.execute("begin");
            int version = StoreSchema.version(connection);
            if (version != StoreSchema.VERSION) {
                return version == 0 && !StoreSchema.isEmpty(connection) ? "its version is missing" : null;
            }
            String check = size(file) < SMALL_BYTES ? "integrity_check" : "quick_check";
            try (ResultSet result = statement.executeQuery("pragma " + check + "(1)")) {
                if (!result.next() || !"ok".equals(result.getString(1))) {
                    return "its pages do not fit together";
                }
            }
            return faultOfRows(statement);
        } catch (SQLException e) {
            if (SqliteDatabase.isDamage(e)) {
                return SqliteDatabase.sentence(e);
            }
            throw e;
        }
    }

    private static String faultOfRows(Statement statement) throws SQLException {
        Books books;
        try (ResultSet row = statement.executeQuery("select " + Books.COLUMNS + " from books where one = 1")) {
            books = row.next() ? Books.read(row) : null;
        }
        if (books == null) {
            return "its books are damaged";
        }
        for (Salvage.Table table : Salvage.TABLES) {
            long rows = 0;
            try (ResultSet all = statement.executeQuery("select " + table.columns() + " from " + table.name())) {
                int checksum = all.findColumn("checksum");
                while (all.next()) {
                    rows++;
                    if (!table.check().isIntact(all) && all.getLong(checksum) != Checksum.KNOWN_DAMAGED) {
                        return "a row of " + table.name() + " is damaged";
                    }
                }
            }
            if (rows != books.of(table.rows())) {
                return "its books do not fit the rows of " + table.name();
            }
        }
        return books.of(Entry.OUTBOX_ROWS) + books.of(Entry.PUBLISHED) + books.of(Entry.DEAD_LETTERED)
                == books.of(Entry.ENTERED) ? null : "its books do not balance";
    }

    /** With its log. */
    static long size(Path file) throws IOException {
        Path log = file.resolveSibling(file.getFileName() + "-wal");
        return Files.size(file) + (Files.exists(log) ? Files.size(log) : 0);
    }
}

package org.routingbridge.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.routingbridge.failure.FailureText;
import org.routingbridge.settings.DataDirectory;

/**
 * What a store holds, by its books: nothing is changed, and the rows are not looked at.
 *
 * @param fileBytes of the database with its log; of all that is in it where bridges share it
 * @param books     null where they cannot be read: it is damaged, or another version's
 */
public record StoreSummary(long fileBytes, Books books) {

    /** Whether there is a store in this directory. */
    public static boolean isIn(Path dataDirectory) {
        return Files.isRegularFile(dataDirectory.resolve(SqliteDatabase.FILE));
    }

    /**
     * Reads it.
     *
     * @param directory claimed, so that nobody else writes to it
     */
    public static StoreSummary of(DataDirectory directory) throws IOException {
        Path file = directory.path().resolve(SqliteDatabase.FILE);
        long bytes = StoreCheck.size(file);
        if (bytes == 0) {
            return new StoreSummary(0, Books.EMPTY);
        }
        try (Connection connection = Salvage.readOnly(file); Statement statement = connection.createStatement()) {
            if (StoreSchema.version(connection) != StoreSchema.VERSION) {
                return new StoreSummary(bytes, null);
            }
            try (ResultSet row = statement.executeQuery("select " + Books.COLUMNS + " from books where one = 1")) {
                return new StoreSummary(bytes, row.next() ? Books.read(row) : null);
            }
        } catch (SQLException e) {
            if (SqliteDatabase.isDamage(e)) {
                return new StoreSummary(bytes, null);
            }
            throw new IOException(SqliteDatabase.sentence(e), e);
        }
    }

    /**
     * Reads that which bridges share.
     *
     * @return null where there are no tables yet
     */
    public static StoreSummary of(PostgresAddress address) throws IOException {
        try (Session session = new PostgresSession(address.connect("doctor"))) {
            if (!PostgresSchema.isThere(session)) {
                return null;
            }
            long bytes = session.number("select pg_database_size(current_database())");
            return new StoreSummary(bytes, PostgresSchema.version(session) == PostgresSchema.VERSION
                    ? PostgresDatabase.allBooks(session) : null);
        } catch (SQLException e) {
            throw new IOException(FailureText.of(e), e);
        } catch (StoreUnusable e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}

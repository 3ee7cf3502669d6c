package org.routingbridge.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import java.util.UUID;

import org.postgresql.Driver;

/** What a store may stand on; the same is asked of both. */
enum Engine {

    SQLITE {
        @Override
        Database database(Path directory, String url, SteadyClock clock) {
            return new SqliteDatabase(directory, clock);
        }

        @Override
        Connection connect(Path directory, String url) throws SQLException {
            return SqliteDatabase.config().createConnection("jdbc:sqlite:" + directory.resolve("bridge.db"));
        }
    },

    POSTGRESQL {
        @Override
        Database database(Path directory, String url, SteadyClock clock) {
            return new PostgresDatabase(new PostgresAddress(url, null, null), new AloneForTests(UUID.randomUUID()),
                    clock);
        }

        @Override
        Connection connect(Path directory, String url) throws SQLException {
            return new Driver().connect(url, new Properties());
        }
    };

    /** A place for a store, which may be opened there more than once. */
    final class Site {

        private final Path directory;
        private final String url;

        private Site(Path directory, String url) {
            this.directory = directory;
            this.url = url;
        }

        Store store() {
            SteadyClock clock = new SteadyClock();
            return new Store(database(directory, url, clock), clock);
        }

        Connection connect() throws SQLException {
            return Engine.this.connect(directory, url);
        }
    }

    /** A new one. */
    Site site(Path directory) {
        return new Site(directory, this == POSTGRESQL ? PostgresForTests.url() : null);
    }

    abstract Database database(Path directory, String url, SteadyClock clock);

    abstract Connection connect(Path directory, String url) throws SQLException;
}

package org.routingbridge.several;

/** How the database goes away and comes back. */
enum Absence {

    STOPPED {
        @Override
        void begin(PostgresProcess postgres) {
            postgres.stop();
        }

        @Override
        void end(PostgresProcess postgres) {
            postgres.start();
        }
    },
    KILLED {
        @Override
        void begin(PostgresProcess postgres) {
            postgres.kill();
        }

        @Override
        void end(PostgresProcess postgres) {
            postgres.start();
        }
    },
    AT_ITS_CONNECTION_LIMIT {
        @Override
        void begin(PostgresProcess postgres) {
            postgres.refuseConnections();
        }

        @Override
        void end(PostgresProcess postgres) {
            postgres.allowConnections();
        }
    };

    abstract void begin(PostgresProcess postgres);

    abstract void end(PostgresProcess postgres);
}

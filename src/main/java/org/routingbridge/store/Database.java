package org.routingbridge.store;

import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The engine under the {@link Store}: what is its own about opening, committing, failing and ending. Where nothing else
 * is said, only the writing thread asks it.
 */
interface Database extends AutoCloseable {

    /** What a failure means for those who write. */
    enum Fault {
        /** The work is at fault, and others' can be done. */
        OF_THE_WORK,
        /** Others' work was in the way: the same again may succeed at once. */
        OF_THE_MOMENT,
        /** Nothing can be written just now. */
        AWAY,
        /** The same, for want of room; what is open stays so. */
        FULL,
        /** What is read does not make sense. */
        DAMAGE
    }

    /**
     * Open, with a transaction begun in which the store goes on reading what it has to.
     *
     * @param books as they stand there
     */
    record Opened(Session session, Books books) {
    }

    /**
     * The books of all who share the store, as they were at one moment.
     *
     * @param all    of all bridges together
     * @param others of all but this one
     */
    record SharedBooks(Books all, Books others) {
    }

    /**
     * Before it is opened for the first time.
     *
     * @param beside  runs what may take long and is not in the way of those who write
     * @param suspect is told of what does not make sense
     */
    void start(Executor beside, Consumer<SQLException> suspect);

    /** What is to be done now and then in a transaction of its own; null where that is nothing. */
    Work<?> housekeeping();

    /** Where it is, as it may stand in a log. On any thread. */
    String where();

    /** What does not answer where a commit takes too long, in words. On any thread. */
    String what();

    /** Whether to find out that it cannot be opened may take longer than those can wait who write. */
    boolean opensSlowly();

    /**
     * Opens it for the one who writes.
     *
     * @param isFirst whether it was never open in this process
     * @throws StoreUnusable where it is not to be opened as it is
     */
    Opened open(boolean isFirst) throws SQLException, IOException;

    /** The transaction in which it was opened is committed. */
    void opened(Books books, boolean isFirst);

    /** It could not be opened. */
    void notOpened();

    /** For somebody who reads, on any thread. */
    Session openReader() throws SQLException;

    /** Writes the books down as they will be with the transaction under way. */
    void keep(Session session, Books books) throws SQLException;

    /** These are committed. */
    void committed(Session session, Books books);

    /** There is time for what need not be in the way of a commit. */
    void afterCommit(Session session);

    /** On any thread. */
    Fault faultOf(SQLException e);

    /** Whether a commit that has failed so may have been carried out all the same. */
    boolean isOutcomeUnknown(SQLException e);

    /** Nothing can be written just now. */
    void failing(Fault fault);

    /** It can again. */
    void wellAgain();

    /** In a sentence. On any thread. */
    String describe(SQLException e);

    /** What was found damaged in this process's time, in a sentence, or null. On any thread. */
    String damage();

    /** Whether other bridges write to it too. */
    boolean isShared();

    /** What all who share it have written in the books; null where that is nobody. On any thread. */
    SharedBooks sharedBooks(Session reader) throws SQLException;

    /** The last commit was made. */
    void leave(Session session);

    @Override
    void close();
}

package org.routingbridge;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** What is logged by anything in this JVM, from INFO on, while this is open. */
public final class LoggedLines extends AbstractAppender implements AutoCloseable {

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
    private final LoggerConfig root = context.getConfiguration().getRootLogger();
    private final Level levelBefore = root.getLevel();
    private final Map<String, Appender> before = Map.copyOf(root.getAppenders());

    /** Listens from now on. */
    public LoggedLines() {
        super("logged-lines", null, null, true, Property.EMPTY_ARRAY);
        start();
        before.keySet().forEach(root::removeAppender);
        root.addAppender(this, null, null);
        root.setLevel(Level.INFO);
        context.updateLoggers();
    }

    /** Each with its level and its logger. */
    public List<String> all() {
        return lines;
    }

    @Override
    public void append(LogEvent event) {
        lines.add(event.getLevel() + " " + event.getLoggerName() + " " + event.getMessage().getFormattedMessage());
    }

    @Override
    public void close() {
        root.removeAppender(getName());
        before.values().forEach(appender -> root.addAppender(appender, null, null));
        root.setLevel(levelBefore);
        context.updateLoggers();
        stop();
    }
}

package org.routingbridge.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.ErrorHandler;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.appender.RollingRandomAccessFileAppender;
import org.apache.logging.log4j.core.appender.rolling.CompositeTriggeringPolicy;
import org.apache.logging.log4j.core.appender.rolling.DefaultRolloverStrategy;
import org.apache.logging.log4j.core.appender.rolling.SizeBasedTriggeringPolicy;
import org.apache.logging.log4j.core.appender.rolling.TimeBasedTriggeringPolicy;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.NullConfiguration;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.logging.log4j.message.SimpleMessage;
import org.routingbridge.settings.LogDirectory;
import org.routingbridge.settings.OwnerOnly;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log's file, of whole lines. A line that cannot be written (the disk is full, the directory may not be
 * written to) is counted, and nothing else depends on it: the file is opened anew, once a second at most, until it
 * takes lines again. What stands there of a line without its end is cut off first.
 */
final class AuditFile {

    private static final Logger LOG = LoggerFactory.getLogger(AuditFile.class);
    private static final String LOGGER = "audit";
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int BLOCK = 8192;

    private static final JsonMapper JSON = new JsonMapper();

    private final Configuration configuration = new NullConfiguration();
    private final Path directory;
    private final Path file;
    private final AtomicLong unwritten = new AtomicLong();
    /** Null while there is none that can be written to. */
    private RollingRandomAccessFileAppender appender;
    private long lookedAt;
    private long unwrittenBefore;
    private boolean closed;
    private volatile String trouble;

    AuditFile(Path directory) {
        this.directory = directory;
        file = directory.resolve(LogDirectory.AUDIT_LOG);
        lookedAt = System.nanoTime();
        try {
            dropHalfArchives();
            open();
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Writes a line, or counts it. */
    void write(Map<String, Object> line) {
        String text;
        try {
            text = JSON.writeValueAsString(line) + '\n';
        } catch (JsonProcessingException e) {
            unwritten.incrementAndGet();
            return;
        }
        write(text);
    }

    private static LogEvent event(String line) {
        return Log4jLogEvent.newBuilder().setLoggerName(LOGGER).setLevel(Level.INFO)
                .setMessage(new SimpleMessage(line)).build();
    }

    /** One at a time, so that none follows on a half one. */
    private synchronized void write(String line) {
        try {
            look();
            if (appender != null) {
                appender.append(event(line));
                wellAgain();
                return;
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
        unwritten.incrementAndGet();
    }

    /** How many lines could not be written since the start. */
    long unwritten() {
        return unwritten.get();
    }

    /** Why lines cannot be written; null while they can. */
    String trouble() {
        return trouble;
    }

    synchronized void close() {
        closed = true;
        release();
    }

    /** Opens the file where there is none: after a failure, or where somebody took it or its directory away. */
    private void look() throws IOException {
        long now = System.nanoTime();
        if (closed || now - lookedAt < LOOK_NANOS) {
            return;
        }
        lookedAt = now;
        if (appender != null && !Files.exists(file)) {
            LOG.warn("The audit log was taken away and begins anew file={}", file);
            release();
        }
        if (appender == null) {
            open();
        }
    }

    private void failed(Exception failure) {
        release();
        lookedAt = System.nanoTime();
        if (trouble == null) {
            unwrittenBefore = unwritten.get();
            LOG.warn("The audit log cannot be written to; events are taken all the same, and missing lines are counted"
                    + " file={} reason={}", file, reason(failure));
        }
        trouble = reason(failure);
    }

    private void wellAgain() {
        if (trouble != null) {
            trouble = null;
            LOG.warn("The audit log is written again; lines are missing missing={}",
                    unwritten.get() - unwrittenBefore);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }

    private void release() {
        if (appender != null) {
            appender.stop();
            appender = null;
        }
    }

    private void open() throws IOException {
        OwnerOnly.createDirectories(directory);
        cutHalfLine();
        RollingRandomAccessFileAppender made = RollingRandomAccessFileAppender.newBuilder()
                .setName(LOGGER)
                .withFileName(file.toString())
                .withFilePattern(directory.resolve("audit-%d{yyyy-MM-dd}-%i.jsonl.gz").toString())
                .withPolicy(CompositeTriggeringPolicy.createPolicy(
                        TimeBasedTriggeringPolicy.newBuilder().build(),
                        SizeBasedTriggeringPolicy.createPolicy("100 MB")))
                .withStrategy(DefaultRolloverStrategy.newBuilder().withFileIndex("nomax")
                        // 40 % less work than by default, for files that are 8 % larger
                        .withCompressionLevelStr("3")
                        .withConfig(configuration).build())
                .withFilePermissions(OwnerOnly.FILE)
                .setImmediateFlush(true)
                .setIgnoreExceptions(true)
                .setConfiguration(configuration)
                .setLayout(PatternLayout.newBuilder().withConfiguration(configuration)
                        .withCharset(StandardCharsets.UTF_8).withPattern("%m").build())
                .build();
        if (made == null) {
            throw new IOException("the file cannot be opened");
        }
        made.setHandler(new Silent());
        made.start();
        appender = made;
    }

    /** A rolled file goes once it is compressed: beside one that is there, a compressed one is not whole. */
    private void dropHalfArchives() throws IOException {
        try (DirectoryStream<Path> rolled = Files.newDirectoryStream(directory, "audit-*.jsonl")) {
            for (Path whole : rolled) {
                Files.deleteIfExists(whole.resolveSibling(whole.getFileName() + ".gz"));
            }
        }
    }

    /** What a full disk or a process that was killed left of a line. */
    private void cutHalfLine() throws IOException {
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE), OwnerOnly.ofNewFile())) {
            long size = channel.size();
            long end = endOfLastLine(channel, size);
            if (end < size) {
                channel.truncate(end);
            }
        }
    }

    private static long endOfLastLine(FileChannel channel, long size) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        for (long end = size; end > 0; end -= Math.min(end, BLOCK)) {
            long begin = Math.max(0, end - BLOCK);
            block.clear().limit((int) (end - begin));
            int length = channel.read(block, begin);
            for (int i = length - 1; i >= 0; i--) {
                if (block.get(i) == '\n') {
                    return begin + i + 1;
                }
            }
        }
        return 0;
    }

    /** What fails is told by {@link #failed}. */
    private static final class Silent implements ErrorHandler {

        @Override
        public void error(String message) {
            // see above
        }

        @Override
        public void error(String message, Throwable failure) {
            // see above
        }

        @Override
        public void error(String message, LogEvent event, Throwable failure) {
            // see above
        }
    }
}

package org.routingbridge.outbox;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.HeadStart;
import org.routingbridge.settings.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker that keeps the outbox, the dead letters and the data lake's notifications: embedded, with its journal
 * synced to disk before a send returns, or an external one where {@code bridge.outbox.broker.url} names it.
 *
 * @see <a href="https://activemq.apache.org/components/artemis/documentation/latest/embedding-activemq.html">Apache
 *      ActiveMQ Artemis: embedding</a>
 */
public final class OutboxBroker {

    /** Nothing expires and no delivery is the last, so that nothing ever goes there. */
    private static final SimpleString NOWHERE = SimpleString.of("never-used");
    private static final String EMBEDDED = "vm:";
    /** Few, so that they are awake when they are needed: to wake one costs more than what it does for a message. */
    private static final int THREADS = 8;
    private static final int JOURNAL_FILE_BYTES = 10 * 1024 * 1024;
    /** A message lies in the journal whole up to this size, beyond which the broker gives it a file of its own. */
    private static final int MOST_IN_JOURNAL_BYTES = 4 * 1024 * 1024;
    /** Of a message, at most, beside the event's text. */
    private static final int PROPERTIES_BYTES = 64 * 1024;
    private static final int PAGE_BYTES = 4 * 1024 * 1024;
    private static final long MEMORY_BYTES = 48L * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(OutboxBroker.class);
    private static final Duration WATCH = Duration.ofSeconds(5);
    private static final Map<Path, EmbeddedActiveMQ> RUNNING = new ConcurrentHashMap<>();
    private static final Map<Path, HeadStart<EmbeddedActiveMQ>> STARTING = new ConcurrentHashMap<>();

    private final String url;
    private ScheduledExecutorService watch;
    private final Path directory;
    private final int largestMessageBytes;
    private final OutboxLedger ledger;
    private final OutboxFilesCopy filesBefore;
    private final List<Runnable> beforeStop = new CopyOnWriteArrayList<>();
    private boolean opened;

    public OutboxBroker(Settings settings, DataDirectory dataDirectory, OutboxLedger ledger) {
        url = settings.outboxBrokerUrl();
        directory = dataDirectory.path().resolve("outbox");
        filesBefore = new OutboxFilesCopy(directory);
        this.ledger = ledger;
        largestMessageBytes = largestMessageBytes(settings);
    }

    static int largestMessageBytes(Settings settings) {
        return Math.min(MOST_IN_JOURNAL_BYTES, settings.maxBodyBytes() + PROPERTIES_BYTES);
    }

    /** Begins to start the embedded broker, if that is what is configured, for {@link #start()} to wait for. */
    public static void startAhead(Settings settings, DataDirectory dataDirectory) {
        OutboxBroker broker = new OutboxBroker(settings, dataDirectory, new OutboxLedger(dataDirectory));
        if (broker.url.startsWith(EMBEDDED)) {
            STARTING.put(broker.directory, HeadStart.on("outbox-broker-start", broker::open));
        }
    }

    /**
     * Starts the embedded broker. A second one in the same directory, which Camel's reload of the beans would make, is
     * the first one.
     *
     * @throws OutboxUnreadable where its files are damaged beyond what the broker can start with
     */
    public void start() throws Exception {
        if (url.startsWith(EMBEDDED) && !RUNNING.containsKey(directory)) {
            HeadStart<EmbeddedActiveMQ> begun = STARTING.remove(directory);
            RUNNING.put(directory, begun != null ? begun.result() : open());
            opened = true;
            watch = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "outbox-broker-watch");
                thread.setDaemon(true);
                return thread;
            });
            watch.scheduleWithFixedDelay(this::startAgain, WATCH.toMillis(), WATCH.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private EmbeddedActiveMQ open() throws Exception {
        if (!ledger.isEmpty()) {
            filesBefore.make();
        }
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ().setConfiguration(configuration());
        Exception reason = null;
        try {
            broker.start();
            if (broker.getActiveMQServer().isActive()) {
                return broker;
            }
        } catch (Exception e) {
            reason = e;
        }
        broker.stop();
        throw unreadable(reason);
    }

    /** @param reason null where the broker has only logged it */
    OutboxUnreadable unreadable(Exception reason) {
        return new OutboxUnreadable(directory, filesBefore.exists() ? filesBefore.path() : directory,
                ledger.ids().size(), reason);
    }

    /**
     * Whether the broker has met a file that it cannot read, upon which it stops. It reads many of them only when they
     * are asked for, and who asks is not told but sees fewer messages than there are.
     */
    boolean hasFailed() {
        EmbeddedActiveMQ broker = RUNNING.get(directory);
        return broker != null && broker.getActiveMQServer().getIoCriticalErrorListener().isPreviouslyFailed();
    }

    /** The broker stops itself when the disk fails, and is started again until that is well. */
    private void startAgain() {
        EmbeddedActiveMQ broker = RUNNING.get(directory);
        if (broker == null || broker.getActiveMQServer().isStarted()) {
            return;
        }
        try {
            broker.stop();
            EmbeddedActiveMQ next = new EmbeddedActiveMQ().setConfiguration(configuration());
            RUNNING.put(directory, next);
            next.start();
            LOG.info("The outbox's broker is there again directory={}", directory);
        } catch (Exception e) {
            LOG.error("The outbox's broker cannot start, and is tried again; look at the disk directory={} reason={}",
                    directory, e.getMessage());
        }
    }

    private ConfigurationImpl configuration() throws Exception {
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration.setName("outbox");
        configuration.setPersistenceEnabled(true)
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .setJournalType(JournalType.NIO)
                .setJournalDatasync(true)
                .setJournalSyncNonTransactional(true)
                .setJournalSyncTransactional(true)
                .setJournalFileSize(JOURNAL_FILE_BYTES)
                .setJournalBufferSize_NIO(largestMessageBytes + PROPERTIES_BYTES)
                .setJournalMinFiles(2)
                .setJournalDirectory(directory.resolve("journal").toString())
                .setBindingsDirectory(directory.resolve("bindings").toString())
                .setPagingDirectory(directory.resolve("paging").toString())
                .setLargeMessagesDirectory(directory.resolve("large-messages").toString())
                .setMaxDiskUsage(-1)
                .setCriticalAnalyzer(false)
                .setThreadPoolMaxSize(THREADS)
                .setScheduledThreadPoolMaxSize(2)
                .addAcceptorConfiguration("embedded", url);
        configuration.addAddressSetting("#", new AddressSettings()
                .setMaxDeliveryAttempts(-1)
                .setMaxSizeBytes(MEMORY_BYTES)
                .setPageSizeBytes(PAGE_BYTES)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                .setDeadLetterAddress(NOWHERE)
                .setExpiryAddress(NOWHERE)
                .setAutoDeleteQueues(false)
                .setAutoDeleteAddresses(false));
        return configuration;
    }

    /** Whether this start opened the files, which then have to hold what the ledger says. */
    boolean hasOpenedFiles() {
        return opened;
    }

    /** The files as they were before this start. */
    OutboxFilesCopy filesBefore() {
        return filesBefore;
    }

    /** Something that is done with the broker before it stops. */
    void beforeStop(Runnable last) {
        beforeStop.add(last);
    }

    public void stop() throws Exception {
        if (watch != null) {
            watch.shutdownNow();
        }
        beforeStop.forEach(Runnable::run);
        EmbeddedActiveMQ broker = RUNNING.remove(directory);
        if (broker != null) {
            broker.stop();
        }
        ledger.close();
    }
}
